// `npm run test:containers`: what only containers can show. docker-compose.yml carries changes from an LDAP directory to a SCIM service
// provider; then the tests of broker and database run against containers, and one that runs the whole product with them. Ends with
// `N passed, N failed, N skipped`, where a step of the first counts as one.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { capture } from '../bootstrap/processes.mjs';
import { Problem } from '../bootstrap/problem.mjs';
import { step } from '../bootstrap/progress.mjs';
import { testCompose } from './containers/compose-test.mjs';
import { engineAnswers } from './containers/engine.mjs';
import { countCases } from './count-cases.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const SUITES = [
  { project: 'libs/kafka', files: [] },
  { project: 'libs/persistence', files: [] },
  { project: 'apps/e2e', files: ['src/containers'] },
];
const total = { passed: 0, failed: 0, skipped: 0 };

/** Whatever a part throws is told, and the others run all the same. */
async function part(work) {
  const failedBefore = total.failed;
  try {
    await work();
  } catch (error) {
    if (total.failed === failedBefore) total.failed += 1;
    if (!(error instanceof Problem)) throw error;
    process.stderr.write(`\n${error.output.trimEnd()}\n\n${error.message} ${error.advice}\n\n`);
  }
}

async function countedStep(label, work) {
  await step(label, work);
  total.passed += 1;
}

async function suite({ project, files }) {
  await step(`${project} through testcontainers`, async () => {
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const args = [vitest, 'run', '--config', join(root, 'vitest.integration.config.ts'), ...files];
    const env = { ...process.env, PROVISOR_TEST_CONTAINERS: 'true', NO_COLOR: '1', CI: '1' };
    const { code, output } = await capture(process.execPath, args, { cwd: join(root, project), env });
    const { passed, failed } = countCases(output);
    total.passed += passed;
    total.failed += failed;
    if (code !== 0) throw new Problem(`The tests of ${project} failed.`, 'Their output stands above.', output);
  });
}

if (await engineAnswers()) {
  await part(() => testCompose({ root, step: countedStep }));
  for (const one of SUITES) await part(() => suite(one));
} else {
  total.skipped = 1;
  process.stdout.write('skipped: no container engine answers\n');
}
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
