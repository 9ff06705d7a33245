import type { PartitionOffsets } from '../admin/topic-admin.js';

/** Fetches in a row without a record, at every broker, and time without one, after which nothing more can be there. */
const EMPTY_ROUNDS = 10;
const QUIET_MS = 2000;

/**
 * Decides when a topic has been read up to the end that it had at the beginning.
 *
 * A partition is done when the record before its end was finished. Compaction may have removed exactly that record, and then
 * no record ever tells: so the whole topic also counts as read when every broker has answered many times in a row without
 * data, for a while.
 */
export class EndTracker {
  readonly #open = new Map<number, bigint>();
  readonly #emptyRounds = new Map<number, number>();
  #quietSince: number | undefined;

  begin(offsets: readonly PartitionOffsets[]): void {
    for (const { partition, low, end } of offsets) if (end > low) this.#open.set(partition, end);
  }

  reached(now: number): boolean {
    if (this.#open.size === 0) return true;
    const rounds = [...this.#emptyRounds.values()];
    const quiet = this.#quietSince !== undefined && now - this.#quietSince >= QUIET_MS;
    return quiet && rounds.length > 0 && rounds.every((count) => count >= EMPTY_ROUNDS);
  }

  finished(partition: number, lastOffset: bigint): void {
    const end = this.#open.get(partition);
    if (end !== undefined && lastOffset + 1n >= end) this.#open.delete(partition);
  }

  /** Data has arrived, perhaps only records that are not shown (control records). */
  sawData(): void {
    this.#quietSince = undefined;
    for (const node of this.#emptyRounds.keys()) this.#emptyRounds.set(node, 0);
  }

  askedBroker(nodeId: number): void {
    if (!this.#emptyRounds.has(nodeId)) this.#emptyRounds.set(nodeId, 0);
  }

  /** A fetch was answered; data that it brought is reported by `sawData` afterwards. */
  brokerAnswered(nodeId: number, now: number): void {
    this.#quietSince ??= now;
    this.#emptyRounds.set(nodeId, (this.#emptyRounds.get(nodeId) ?? 0) + 1);
  }
}
