import type { ScopedCommand } from '@provisor/dispatcher';

/** The commands topic: records of a partition keep their order, offsets only grow, and one offset is committed for each partition. */
export class CommandsTopic {
  readonly #partitions: { readonly records: ScopedCommand[]; committed: number }[];
  readonly #listeners = new Set<() => void>();

  constructor(partitions: number) {
    this.#partitions = Array.from({ length: partitions }, () => ({ records: [], committed: 0 }));
  }

  get partitions(): number[] {
    return [...this.#partitions.keys()];
  }

  records(partition: number): readonly ScopedCommand[] {
    return this.#partitions[partition]?.records ?? [];
  }

  committed(partition: number): number {
    return this.#partitions[partition]?.committed ?? 0;
  }

  append(partition: number, command: Omit<ScopedCommand, 'offset'>): void {
    const records = this.#partitions[partition]?.records;
    if (records === undefined) return;
    records.push({ ...command, offset: records.length });
    this.#notify();
  }

  /** Somebody sets the committed offset back. */
  rewind(partition: number, by: number): void {
    this.commit(partition, Math.max(0, this.committed(partition) - by));
    this.#notify();
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  commit(partition: number, offset: number): void {
    const at = this.#partitions[partition];
    if (at !== undefined) at.committed = offset;
  }

  /** Calls back once, when there may be something new to read. */
  once(listener: () => void): void {
    const one = (): void => {
      this.#listeners.delete(one);
      listener();
    };
    this.#listeners.add(one);
  }

  get consumed(): boolean {
    return this.#partitions.every(({ records, committed }) => committed >= records.length);
  }
}
