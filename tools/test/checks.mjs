import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Everything that guards main, in the order in which a mistake is cheapest to find.
 *
 * @typedef {object} Check
 * @property {string} name
 * @property {string} [skipped] why it is not run
 * @property {readonly string[]} args arguments of Node.js
 * @property {boolean} [services] needs a broker and a database
 * @property {boolean} [cases] its output names test cases
 *
 * @param {string} root
 * @returns {readonly Check[]}
 */
export function checks(root) {
  const bin = (file) => join(root, 'node_modules', file);
  const nx = (target, ...more) => [
    bin('nx/dist/bin/nx.js'),
    'run-many',
    '-t',
    target,
    '--outputStyle=stream-without-prefixes',
    ...more,
  ];
  const own = (file, ...more) => ({
    args: [join(root, file), ...more],
    ...(!existsSync(join(root, file)) && { skipped: `${file} is not there` }),
  });
  return [
    { name: 'format', args: [bin('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '.'] },
    { name: 'project references', ...own('tools/workspace/references.mjs') },
    { name: 'contracts', ...own('tools/contracts/generate.mjs', '--check') },
    { name: 'environment reference', ...own('tools/environment/generate.mjs', '--check') },
    { name: 'kubernetes manifests', ...own('tools/k8s/validate.mjs') },
    { name: 'lint and boundaries', ...own('tools/test/lint.mjs') },
    { name: 'types', args: nx('typecheck') },
    { name: 'unit tests', args: nx('test'), cases: true },
    { name: 'integration tests', args: nx('integration', '--parallel=2'), services: true, cases: true },
    {
      name: 'end to end (the demo)',
      ...own(
        'tools/demo/dist/main.js',
        '--once',
        '--fresh',
        '--users',
        '200',
        '--dir',
        join(root, '.provisor', 'test', 'demo'),
      ),
    },
  ];
}
