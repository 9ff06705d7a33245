export interface PartitionProgress {
  /** Names the partition. */
  readonly id: string;
  /** Offset after the newest record at the broker. */
  readonly end: bigint;
  /** Offset after the newest record that was received, or where reading begins while nothing came. */
  readonly position: bigint;
  /** Intake is paused by back-pressure: silence is wanted. */
  readonly paused: boolean;
}

export type WatchdogVerdict = 'fine' | 'recreate' | 'unhealthy';

/**
 * Finds a consumer that silently receives nothing although the broker has records: every client library has had that defect.
 *
 * A partition is behind while `end` is beyond its position and it is not paused. Behind without any move of the position for
 * `stallMs` is a stall. First stall: `recreate`. A stall again before any position moved: `unhealthy`, until one moves.
 */
export class ProgressWatchdog {
  readonly #stallMs: number;
  readonly #behind = new Map<string, { readonly position: bigint; readonly since: number }>();
  #stalls = 0;

  constructor(stallMs: number) {
    this.#stallMs = stallMs;
  }

  observe(now: number, partitions: readonly PartitionProgress[]): WatchdogVerdict {
    const verdicts = partitions.map((partition) => this.#look(now, partition));
    if (verdicts.includes('moved')) this.#stalls = 0;
    const present = new Set(partitions.map(({ id }) => id));
    for (const id of this.#behind.keys()) if (!present.has(id)) this.#behind.delete(id);
    if (!verdicts.includes('stalled')) return this.#stalls > 1 ? 'unhealthy' : 'fine';
    this.#stalls += 1;
    this.#behind.clear();
    return this.#stalls > 1 ? 'unhealthy' : 'recreate';
  }

  #look(now: number, { id, end, position, paused }: PartitionProgress): 'moved' | 'stalled' | 'waiting' {
    const before = this.#behind.get(id);
    const moved = before !== undefined && position > before.position;
    if (paused || position >= end) this.#behind.delete(id);
    else if (before === undefined || moved) this.#behind.set(id, { position, since: now });
    else if (now - before.since >= this.#stallMs) return 'stalled';
    return moved ? 'moved' : 'waiting';
  }
}
