import type { ResultQuery, ResultStore, StoredResult } from '@provisor/persistence';

export interface FollowRequest {
  readonly filter: Pick<ResultQuery, 'spConnection' | 'objectId' | 'outcomes'>;
  readonly cursor: string;
  readonly waitMs: number;
  readonly limit: number;
  readonly signal: AbortSignal;
}

interface Timer {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Results that another replica stored are seen this late at most, should its notification be lost. */
const POLL_MS = 1000;

/** Lets requests wait for results after a cursor. */
export class ResultFeed {
  readonly #results: ResultStore;
  readonly #clock: Timer;
  readonly #tellOthers: () => void;
  #arrival = new AbortController();
  #stopped = false;

  constructor(o: { results: ResultStore; clock: Timer; tellOthers: () => void }) {
    this.#results = o.results;
    this.#clock = o.clock;
    this.#tellOthers = o.tellOthers;
  }

  /** Results were stored here: wakes those who wait here and has the other replicas told. */
  stored(): void {
    this.arrived();
    this.#tellOthers();
  }

  /** Wakes everybody who waits here. */
  arrived(): void {
    const arrival = this.#arrival;
    this.#arrival = new AbortController();
    arrival.abort();
  }

  /** Lets everybody who waits go, now and from now on. */
  stop(): void {
    this.#stopped = true;
    this.arrived();
  }

  /** Results after the cursor, oldest first, as soon as there are any; none when the time is over or the signal aborts. */
  async follow(request: FollowRequest): Promise<StoredResult[]> {
    const deadline = this.#clock.now() + request.waitMs;
    for (;;) {
      // Taken before the look, so that what arrives during it wakes the wait after it.
      const arrival = this.#arrival.signal;
      const { filter, cursor, limit } = request;
      const found = await this.#results.list({ ...filter, cursor, order: 'oldest-first', limit });
      const left = deadline - this.#clock.now();
      if (found.length > 0 || left <= 0 || this.#stopped || request.signal.aborted) return found;
      await this.#clock.sleep(Math.min(left, POLL_MS), AbortSignal.any([arrival, request.signal]));
    }
  }
}
