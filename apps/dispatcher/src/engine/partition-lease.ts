import type { Clock } from '@provisor/host';
import type { Ownership } from '@provisor/persistence';
import type { Logger } from '@provisor/telemetry';
import type { OwnershipPort } from './dispatch-stores.js';

/** How long a lease runs without being renewed: as long as a successor waits for an owner that has died. */
export const LEASE_MS = 8_000;
/** Calls stop this long before the lease ends, by this process's clock. */
const MARGIN_MS = 1_000;
const LONGEST_WAIT_MS = 500;

export interface LeaseOptions {
  readonly partition: number;
  readonly owner: string;
  readonly store: OwnershipPort;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * The right to act for one partition of the commands topic. claiming → held → given up. It may be suspended while held: nothing
 * new begins, and what is in flight may end.
 */
export class PartitionLease implements Ownership {
  readonly partition: number;
  readonly #o: LeaseOptions;
  readonly #given = new AbortController();
  #epoch = 0;
  #until = 0;
  #suspended = false;

  constructor(options: LeaseOptions) {
    this.partition = options.partition;
    this.#o = options;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get givenUp(): boolean {
    return this.#given.signal.aborted;
  }

  get suspended(): boolean {
    return this.#suspended;
  }

  /** May something new begin? */
  holds(now: number): boolean {
    return !this.#suspended && this.covers(now);
  }

  /** May what has begun go on? */
  covers(now: number): boolean {
    return !this.givenUp && now < this.#until - MARGIN_MS;
  }

  /** Waits for an owner before, and for the database. Resolves to false if it is given up meanwhile. */
  async claim(): Promise<boolean> {
    const { store, owner, clock, log, partition } = this.#o;
    while (!this.givenUp) {
      const askedAt = clock.now();
      const answer = await store.claim(partition, owner, LEASE_MS).catch((error: unknown) => {
        log.warn('A partition cannot be claimed', { err: error, partition });
        return { kind: 'leased' as const, forMs: LONGEST_WAIT_MS };
      });
      if (answer.kind === 'claimed') {
        this.#epoch = answer.epoch;
        this.#until = askedAt + LEASE_MS;
        return !this.givenUp;
      }
      await clock.sleep(Math.min(LONGEST_WAIT_MS, Math.max(20, answer.forMs)), this.#given.signal);
    }
    return false;
  }

  renewed(askedAt: number): void {
    this.#until = Math.max(this.#until, askedAt + LEASE_MS);
  }

  suspend(): void {
    this.#suspended = true;
  }

  resume(): void {
    this.#suspended = false;
  }

  /** Nothing may be done under it any more; the next owner need not wait. */
  async giveUp(): Promise<void> {
    this.#given.abort();
    if (this.#epoch > 0) await this.#o.store.release(this);
  }
}
