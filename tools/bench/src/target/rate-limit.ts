import type { Fault } from '@provisor/testing';

export interface RateLimitSettings {
  readonly perMinute: number;
  /** So many at once after a pause. */
  readonly burst: number;
}

/** A service provider's token bucket: what is beyond it is answered 429 with the seconds until there is room. */
export class RateLimit {
  readonly #settings: RateLimitSettings;
  #tokens: number;
  #at = 0;

  constructor(settings: RateLimitSettings) {
    this.#settings = settings;
    this.#tokens = settings.burst;
  }

  /** @param now milliseconds */
  take(now: number): Fault | undefined {
    const { perMinute, burst } = this.#settings;
    const perMs = perMinute / 60_000;
    if (this.#at > 0) this.#tokens = Math.min(burst, this.#tokens + (now - this.#at) * perMs);
    this.#at = now;
    if (this.#tokens < 1) {
      const seconds = Math.max(1, Math.ceil((1 - this.#tokens) / perMs / 1000));
      return { kind: 'throttle', seconds, style: 'retry-after' };
    }
    this.#tokens -= 1;
    return undefined;
  }
}
