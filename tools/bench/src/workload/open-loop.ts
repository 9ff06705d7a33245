import { setTimeout as pause } from 'node:timers/promises';

/** Longest time that a slow call may hold up the end of the loop. */
const END_MS = 120_000;

/**
 * Calls `act` at each moment of the schedule (milliseconds from now), whether or not earlier calls are finished. Resolves when all are.
 * `act` gets the number of the moment and the time at which it was due, in milliseconds since the epoch: latency counts from then.
 *
 * @throws the first failure of a call
 */
export async function openLoop(
  schedule: readonly number[],
  act: (index: number, dueAt: number) => Promise<unknown> | void,
): Promise<void> {
  const began = performance.now();
  const epoch = Date.now();
  const open = new Set<Promise<unknown>>();
  let failure: { readonly reason: unknown } | undefined;
  for (let index = 0; index < schedule.length;) {
    const due = schedule[index] ?? 0;
    const wait = due - (performance.now() - began);
    if (wait > 0) await pause(Math.max(1, wait));
    if (failure !== undefined) throw failure.reason;
    for (; index < schedule.length && (schedule[index] ?? 0) <= performance.now() - began; index += 1) {
      const answer = act(index, epoch + (schedule[index] ?? 0));
      if (answer === undefined) continue;
      const call: Promise<unknown> = answer
        .catch((reason: unknown) => (failure ??= { reason }))
        .finally(() => open.delete(call));
      open.add(call);
    }
  }
  await Promise.race([Promise.all(open), pause(END_MS, undefined, { ref: false })]);
  if (failure !== undefined) throw failure.reason;
}
