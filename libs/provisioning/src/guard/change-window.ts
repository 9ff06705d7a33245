import { durationMs, type ChangeBudget } from '@provisor/contracts';
import { changeGuard } from './change-guard.js';

/**
 * Changes of one kind in a guard's sliding window, each known by a key: a change that is tried again counts once. Times are
 * milliseconds since the epoch and are given by whoever asks.
 */
export class ChangeWindow {
  /** In the order of their times, the oldest first. */
  readonly #at: Map<string, number>;

  constructor(changes: Iterable<readonly [key: string, at: number]> = []) {
    this.#at = new Map([...changes].sort(([, a], [, b]) => a - b));
  }

  /** Changes in the window that ends now. */
  size(budget: Pick<ChangeBudget, 'window'>, now: number): number {
    this.#forget(now - durationMs(budget.window));
    return this.#at.size;
  }

  has(key: string): boolean {
    return this.#at.has(key);
  }

  /** May this change be sent? One that was counted in the window before, and is tried again, may. */
  allows(key: string, budget: ChangeBudget, at: { readonly population: number; readonly now: number }): boolean {
    const inWindow = this.size(budget, at.now);
    return this.has(key) || changeGuard(budget, { inWindow, population: at.population, asked: 1 }).allowed === 1;
  }

  /** Counts a change that is about to be sent. */
  count(key: string, now: number): void {
    this.#at.delete(key);
    this.#at.set(key, now);
  }

  #forget(until: number): void {
    for (const [key, at] of this.#at) {
      if (at > until) return;
      this.#at.delete(key);
    }
  }
}
