import type { LimitStore, Reservation, WindowRule } from '@provisor/persistence';

export interface WindowReserveOptions {
  readonly scope: string;
  readonly store: Pick<LimitStore, 'reserve'>;
  readonly now: () => number;
  /** Something was granted, or could not be asked for: whoever waits is to be served or told. */
  readonly changed: () => void;
  /** Nothing is left until an instant, in milliseconds since the epoch. */
  readonly exhausted: (until: number) => void;
}

/** A part of the window is reserved at once, so that not every request costs a statement; what is left of it lapses with its slice. */
const SHARE = 200;
const MOST_AT_ONCE = 50;
const RETRY_AFTER_TROUBLE_MS = 1_000;

interface Held {
  readonly rule: WindowRule;
  left: number;
  until: number;
}

/** The budgets of a limit scope over longer spans, as far as they are reserved for this process. */
export class WindowReserve {
  readonly #o: WindowReserveOptions;
  #held: Held[] = [];
  #asking = false;

  constructor(options: WindowReserveOptions) {
    this.#o = options;
  }

  configure(rules: readonly WindowRule[]): void {
    this.#held = rules.map(
      (rule) =>
        this.#held.find((held) => held.rule.perMs === rule.perMs && held.rule.requests === rule.requests) ?? {
          rule,
          left: 0,
          until: 0,
        },
    );
  }

  /** Is more being asked for? `changed` is called at the end. */
  get asking(): boolean {
    return this.#asking;
  }

  /** Takes one request out of every window; false where one of them has to be asked for more first, which is done. */
  take(): boolean {
    const now = this.#o.now();
    const empty = this.#held.filter((held) => held.left < 1 || now >= held.until);
    if (empty.length > 0) {
      void this.#ask(empty);
      return false;
    }
    for (const held of this.#held) held.left -= 1;
    return true;
  }

  async #ask(empty: readonly Held[]): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    const { scope, store, now, exhausted, changed } = this.#o;
    try {
      for (const held of empty) {
        const { requests } = held.rule;
        const want = Math.max(1, Math.min(MOST_AT_ONCE, Math.floor(requests / SHARE)));
        const { granted, until, retryAt }: Reservation = await store.reserve(scope, held.rule, want, now());
        held.left = granted;
        held.until = until;
        if (retryAt !== undefined) exhausted(retryAt);
      }
    } catch {
      // Without the database nothing can be written down, so nothing is sent either.
      exhausted(now() + RETRY_AFTER_TROUBLE_MS);
    } finally {
      this.#asking = false;
    }
    changed();
  }
}
