/**
 * How many test cases the summaries of Vitest in an output name: `Tests  1 failed | 12 passed | 2 skipped (15)`.
 *
 * @param {string} output
 * @returns {{ passed: number, failed: number }}
 */
export function countCases(output) {
  let passed = 0;
  let failed = 0;
  for (const [, summary] of withoutColour(output).matchAll(/^\s*Tests\s+(.*\(\d+\))\s*$/gm)) {
    passed += Number(/(\d+) passed/.exec(summary)?.[1] ?? 0);
    failed += Number(/(\d+) failed/.exec(summary)?.[1] ?? 0);
  }
  return { passed, failed };
}

/**
 * The test cases, or files, that Vitest names as failed: ` FAIL  src/some.test.ts > group > case`.
 *
 * @param {string} output
 * @returns {string[]}
 */
export const failedCases = (output) => [
  ...new Set([...withoutColour(output).matchAll(/^ FAIL +(.+)$/gm)].map(([, name]) => name.trim())),
];

const withoutColour = (text) => text.replace(/\u001b\[[0-9;]*m/g, '');
