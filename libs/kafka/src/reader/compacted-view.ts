import type { ReceivedRecord } from '../records.js';
import { TopicReader, type ReaderDependencies, type ReaderOptions } from './topic-reader.js';

export type ViewListener<T> = (key: string, value: T | null) => void;

/**
 * The newest value of every key of a compacted topic, kept up to date. `start` first, then `get` and `entries` answer from
 * memory; a record that cannot be decoded goes to dead
 * letters and leaves the key as it was.
 */
export class CompactedView<T> {
  readonly #values = new Map<string, T>();
  readonly #listeners = new Set<ViewListener<T>>();
  readonly #reader: TopicReader<T>;

  constructor(options: Pick<ReaderOptions<T>, 'contract' | 'stage'>, dependencies: ReaderDependencies) {
    this.#reader = new TopicReader(
      { ...options, undecodable: 'bury', onBatch: (batch) => this.#take(batch) },
      dependencies,
    );
  }

  /** Resolves when everything has been read that was in the topic when it was called. */
  async start(): Promise<void> {
    await this.#reader.start();
  }

  async close(): Promise<void> {
    await this.#reader.close();
  }

  get(key: string): T | undefined {
    return this.#values.get(key);
  }

  entries(): readonly (readonly [string, T])[] {
    return [...this.#values];
  }

  /** Called for every record, from the topic's beginning; null when the key was removed. Returns how to end it. */
  onChange(listener: ViewListener<T>): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #take(batch: readonly ReceivedRecord<T>[]): void {
    for (const { key, value } of batch) {
      if (value === null) this.#values.delete(key);
      else this.#values.set(key, value);
      for (const listener of this.#listeners) listener(key, value);
    }
  }
}
