import { durationMs, type ChangeBudget } from '@provisor/contracts';
import { removalGuard } from '@provisor/provisioning';

/**
 * Removals of one SP connection in the guard's sliding window. It is filled from the database at the start, so that a restart
 * forgets none of them.
 */
export class RemovalWindow {
  readonly #removedAt: Map<string, number>;
  #population: number;

  /** `removals`: object id to when its account was disabled or deleted. `population`: linked accounts and groups. */
  constructor(removals: ReadonlyMap<string, number>, population: number) {
    this.#removedAt = new Map(removals);
    this.#population = population;
  }

  get population(): number {
    return this.#population;
  }

  linked(): void {
    this.#population += 1;
  }

  unlinked(): void {
    this.#population = Math.max(0, this.#population - 1);
  }

  /** May this removal be sent? One that was counted before, and is tried again, may. */
  allows(objectId: string, budget: ChangeBudget, now: number): boolean {
    this.#forget(now - durationMs(budget.window));
    if (this.#removedAt.has(objectId)) return true;
    const counts = { removedInWindow: this.#removedAt.size, population: this.#population, asked: 1 };
    return removalGuard(budget, counts).allowed === 1;
  }

  count(objectId: string, now: number): void {
    this.#removedAt.set(objectId, now);
  }

  /** In words, for the person who has to decide. */
  explain(budget: ChangeBudget): string {
    return (
      `${this.#removedAt.size} accounts were disabled or deleted within ${budget.window}; one more would exceed both ` +
      `${budget.max} and ${budget.percent} % of ${this.#population}.`
    );
  }

  #forget(before: number): void {
    for (const [objectId, at] of this.#removedAt) if (at < before) this.#removedAt.delete(objectId);
  }
}
