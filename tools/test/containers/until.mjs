import { Problem } from '../../bootstrap/problem.mjs';

const EVERY_MS = 250;

/**
 * Waits until a condition gives true; what it gives or throws instead is told when the time is over.
 *
 * @param {string} what
 * @param {number} ms
 * @param {() => Promise<unknown>} condition
 */
export async function until(what, ms, condition) {
  const deadline = performance.now() + ms;
  let last;
  do {
    last = await condition().catch((error) => error);
    if (last === true) return;
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  } while (performance.now() < deadline);
  const seen = last instanceof Error ? `${last.message} ${last.output ?? ''}` : JSON.stringify(last);
  throw new Problem(`${what} did not come within ${ms / 1000} s.`, `Last seen: ${seen}`);
}
