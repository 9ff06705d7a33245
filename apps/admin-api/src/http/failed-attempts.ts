/**
 * Bounds how often one address may present a wrong token: a bucket of `burst` attempts that refills by one each `refillMs`. An
 * address whose bucket is empty is refused before its token is looked at, so that guessing is slow whatever is guessed.
 */
export class FailedAttempts {
  readonly #burst: number;
  readonly #refillMs: number;
  readonly #maxAddresses: number;
  readonly #buckets = new Map<string, { left: number; at: number }>();

  constructor(o: { burst?: number; refillMs?: number; maxAddresses?: number } = {}) {
    this.#burst = o.burst ?? 20;
    this.#refillMs = o.refillMs ?? 1000;
    this.#maxAddresses = o.maxAddresses ?? 10_000;
  }

  /** Milliseconds until the address may try again; 0 when it may now. */
  waitMs(address: string, now: number): number {
    const bucket = this.#refilled(address, now);
    return bucket.left >= 1 ? 0 : Math.ceil((1 - bucket.left) * this.#refillMs);
  }

  failed(address: string, now: number): void {
    const { left } = this.#refilled(address, now);
    this.#buckets.delete(address);
    this.#buckets.set(address, { left: Math.max(0, left - 1), at: now });
    if (this.#buckets.size > this.#maxAddresses) this.#forgetOldest();
  }

  #refilled(address: string, now: number): { left: number } {
    const bucket = this.#buckets.get(address);
    if (!bucket) return { left: this.#burst };
    return { left: Math.min(this.#burst, bucket.left + (now - bucket.at) / this.#refillMs) };
  }

  #forgetOldest(): void {
    const oldest = this.#buckets.keys().next();
    if (oldest.done !== true) this.#buckets.delete(oldest.value);
  }
}
