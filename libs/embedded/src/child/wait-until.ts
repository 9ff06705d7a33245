import { setTimeout as pause } from 'node:timers/promises';

/** Polls until the condition holds; false when it did not within `timeoutMs`. */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  o: { timeoutMs: number; everyMs?: number },
): Promise<boolean> {
  const deadline = performance.now() + o.timeoutMs;
  for (;;) {
    if (await condition()) return true;
    if (performance.now() >= deadline) return false;
    await pause(o.everyMs ?? 25);
  }
}
