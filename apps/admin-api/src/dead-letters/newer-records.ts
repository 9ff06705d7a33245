import { ALL_TOPICS, type DeadLetter } from '@provisor/contracts';
import type { KafkaClient } from '@provisor/kafka';

/** Finds out which records were followed by another one of the same key. */
export interface NewerRecords {
  /** Ids of those letters whose origin was followed by a record of the same key that can be read. */
  of(letters: readonly DeadLetter[]): Promise<ReadonlySet<string>>;
}

const PATIENCE_MS = 60_000;

/** Reads the topics that the letters come from, each once and from its beginning. Rejects when that takes longer than a minute. */
export class TopicsRead implements NewerRecords {
  readonly #kafka: Pick<KafkaClient, 'readToEnd'>;

  constructor(kafka: Pick<KafkaClient, 'readToEnd'>) {
    this.#kafka = kafka;
  }

  async of(letters: readonly DeadLetter[]): Promise<ReadonlySet<string>> {
    const overtaken = new Set<string>();
    for (const [topic, origins] of Map.groupBy(letters, ({ origin }) => origin.topic)) {
      const contract = ALL_TOPICS.find(({ name }) => name === topic);
      if (contract === undefined) continue;
      const byKey = Map.groupBy(origins, ({ origin }) => origin.key);
      await this.#kafka.readToEnd({
        contract,
        stage: 'replay',
        signal: AbortSignal.timeout(PATIENCE_MS),
        handle: async (batch) => {
          for (const { key, partition, offset } of batch)
            for (const { id, origin } of byKey.get(key) ?? [])
              if (origin.partition === partition && offset > BigInt(origin.offset)) overtaken.add(id);
        },
      });
    }
    return overtaken;
  }
}
