import { setTimeout as delay } from 'node:timers/promises';

/** Time as a dependency, so that tests can hold it still. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  date(): Date;
  /** Resolves after `ms` milliseconds, or as soon as `signal` is aborted: never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  date: () => new Date(),
  sleep: async (ms, signal) => {
    // The only rejection of this timer is the abort, which ends the sleep.
    await delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  },
};
