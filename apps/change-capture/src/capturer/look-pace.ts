/** Changes are thought to go on for so long after the last one. */
const BUSY_MS = 2_000;

/**
 * How long to wait between two looks at a feed: little while one change follows the other, so that the next is not late; but as long as
 * a look takes, so that a busy machine brings many changes at once instead of spending its time on looking.
 */
export class LookPace {
  private readonly intervalMs: number;
  private readonly shortestMs: number;
  private changedAt = Number.NEGATIVE_INFINITY;

  constructor(o: { readonly intervalMs: number; readonly busyIntervalMs?: number }) {
    this.intervalMs = o.intervalMs;
    this.shortestMs = o.busyIntervalMs ?? o.intervalMs;
  }

  /** The pause after a look that ended at `now`, in milliseconds. */
  pauseAfter(look: { readonly now: number; readonly tookMs: number; readonly changes: boolean }): number {
    if (look.changes) this.changedAt = look.now;
    if (look.now - this.changedAt >= BUSY_MS) return this.intervalMs;
    return Math.min(this.intervalMs, Math.max(this.shortestMs, look.tookMs));
  }
}
