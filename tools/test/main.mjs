// `npm test`: runs every check, one line each, the output of those that fail, and at the end what failed and `N passed, N failed` (test
// cases, and each check that has none as one).
import { fileURLToPath } from 'node:url';
import { capture } from '../bootstrap/processes.mjs';
import { step } from '../bootstrap/progress.mjs';
import { setup } from '../../libs/testing/dist/test-services.setup.js';
import { checks } from './checks.mjs';
import { countCases, failedCases } from './count-cases.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const only = process.argv.slice(2);
const known = checks(root);
const USAGE = `Usage: npm test [-- PART...]

Runs every check, or those in whose names one of the parts occurs:
${known.map(({ name }) => `  ${name}`).join('\n')}
`;

async function run(check, env) {
  const { code, output } = await capture(process.execPath, check.args, { cwd: root, env });
  const cases = check.cases ? countCases(output) : { passed: 0, failed: 0 };
  const ok = code === 0;
  return {
    ok,
    output,
    passed: cases.passed + (ok && !check.cases ? 1 : 0),
    // A check that failed without a failed case counts as one.
    failed: ok ? cases.failed : Math.max(1, cases.failed),
  };
}

class CheckFailed extends Error {}

async function main() {
  const env = { NO_COLOR: '1', FORCE_COLOR: '0', NX_TUI: 'false', NX_DAEMON: 'false', CI: '1' };
  const chosen = known.filter(({ name }) => only.length === 0 || only.some((part) => name.includes(part)));
  const total = { passed: 0, failed: 0 };
  const failures = [];
  let teardown;
  const stop = async () => teardown?.();
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void stop().finally(() => process.exit(130)));
  try {
    for (const check of chosen) {
      if (check.skipped !== undefined) {
        process.stderr.write(`  - ${check.name}: skipped, ${check.skipped}\n`);
        continue;
      }
      if (check.services) teardown ??= await step('broker and database for the tests', setup);
      const result = await oneLine(check, { ...process.env, ...env });
      total.passed += result.passed;
      total.failed += result.failed;
      if (!result.ok) failures.push(...namesOf(check, result.output));
    }
  } finally {
    await stop();
  }
  if (failures.length > 0) process.stdout.write(`Failed:\n${failures.map((name) => `  ${name}\n`).join('')}`);
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

const namesOf = ({ name, cases }, output) => {
  const failed = cases ? failedCases(output) : [];
  return failed.length === 0 ? [name] : failed.map((one) => `${name}: ${one}`);
};

/** The step's line first, then, if it failed, what was said. */
async function oneLine(check, env) {
  let result;
  await step(check.name, async () => {
    result = await run(check, env);
    if (!result.ok) throw new CheckFailed();
  }).catch((error) => {
    if (!(error instanceof CheckFailed)) throw error;
    process.stderr.write(`\n${result.output.trimEnd()}\n\n`);
  });
  return result;
}

const strange = only.filter((part) => !known.some(({ name }) => name.includes(part)));
if (only.includes('--help') || only.includes('-h')) process.stdout.write(USAGE);
else if (strange.length > 0) {
  process.stderr.write(
    `No check has ${strange.map((part) => JSON.stringify(part)).join(' or ')} in its name.\n\n${USAGE}`,
  );
  process.exitCode = 2;
} else await main();
