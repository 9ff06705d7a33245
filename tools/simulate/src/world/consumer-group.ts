import type { Random } from '../time/random.js';
import type { VirtualTime } from '../time/virtual-time.js';
import type { CommandsTopic } from './commands-topic.js';
import type { DispatcherProcess } from './dispatcher-process.js';

export interface ConsumerGroupParts {
  readonly topic: CommandsTopic;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly committed: (partition: number, offset: number) => void;
}

/** The right of one member to read and commit one partition; it ends with the next assignment. */
interface Grant {
  readonly process: DispatcherProcess;
  readonly partition: number;
  valid: boolean;
}

const MOST_IN_A_BATCH = 16;
const RETRY_MS = 200;

/** The group of the dispatchers: who reads which partition. Each grant reads on from what is committed. */
export class ConsumerGroup {
  readonly #p: ConsumerGroupParts;
  readonly #members = new Set<DispatcherProcess>();
  #grants: Grant[] = [];

  constructor(parts: ConsumerGroupParts) {
    this.#p = parts;
  }

  join(process: DispatcherProcess): void {
    this.#members.add(process);
    this.rebalance();
  }

  /** It left by itself, or was not heard of for too long. */
  leave(process: DispatcherProcess): void {
    if (this.#members.delete(process)) this.rebalance();
  }

  /** Gives the partitions out anew. */
  rebalance(): void {
    const { topic, random } = this.#p;
    const members = [...this.#members];
    const before = this.#grants;
    const turn = random.between(0, 10);
    this.#grants = topic.partitions.flatMap((partition) => {
      const process = members[(partition + turn) % Math.max(1, members.length)];
      if (process === undefined) return [];
      return (
        before.find((grant) => grant.process === process && grant.partition === partition && grant.valid) ?? {
          process,
          partition,
          valid: true,
        }
      );
    });
    for (const grant of before.filter((one) => !this.#grants.includes(one))) this.#revoke(grant);
    for (const grant of this.#grants.filter((one) => !before.includes(one))) this.#assign(grant);
  }

  #revoke(grant: Grant): void {
    grant.valid = false;
    grant.process.deliver(() => void grant.process.engine.revoke([grant.partition]));
  }

  #assign(grant: Grant): void {
    const { process, partition } = grant;
    this.#p.time.after(this.#p.random.between(0, 50), () =>
      process.deliver(() => {
        if (!grant.valid) return;
        process.engine.assign([partition]);
        void this.#consume(grant);
      }),
    );
  }

  async #consume(grant: Grant): Promise<void> {
    const { topic, random, committed } = this.#p;
    const { process, partition } = grant;
    while (grant.valid) {
      const from = topic.committed(partition);
      const batch = topic.records(partition).slice(from, from + random.between(1, MOST_IN_A_BATCH));
      if (batch.length === 0) {
        await this.#somethingNew(grant);
        continue;
      }
      try {
        await process.engine.ingest(partition, batch);
      } catch {
        await process.clock.sleep(RETRY_MS);
        continue;
      }
      // A rewind moves the position back; who has lost the partition cannot commit.
      if (grant.valid && topic.committed(partition) === from) {
        topic.commit(partition, from + batch.length);
        committed(partition, from + batch.length);
      }
    }
  }

  #somethingNew({ process }: Grant): Promise<void> {
    const { topic, time, random } = this.#p;
    return new Promise((resolve) =>
      topic.once(() => void time.after(random.between(1, 20), () => process.deliver(resolve))),
    );
  }
}
