import { stderr } from 'node:process';

const live = stderr.isTTY === true;

/**
 * Runs one step and says so in one line of standard error, with the seconds it took.
 *
 * @template T
 * @param {string} label
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(label, work) {
  const started = performance.now();
  if (live) stderr.write(`  … ${label}`);
  const finish = (mark) => {
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    stderr.write(`${live ? '\r\u001b[2K' : ''}  ${mark} ${label} (${seconds} s)\n`);
  };
  try {
    const result = await work();
    finish('✓');
    return result;
  } catch (error) {
    finish('✗');
    throw error;
  }
}
