import { setTimeout as pause } from 'node:timers/promises';
import type { TopicContract } from '@provisor/contracts';
import type { Logger } from '@provisor/telemetry';
import kafkajs, { type Admin, type Kafka } from 'kafkajs';
import { topicMisfits, type TopicMisfit } from './topic-fit.js';

/** How long a topic that was just made may take to be listed. */
const VISIBLE_MS = 10_000;
/** How long the controller of a busy cluster may take to make topics. */
const CREATE_MS = 25_000;

type AnyContract = Pick<TopicContract<unknown>, 'name' | 'config' | 'partitions'>;

export interface TopicSetup {
  /** Instead of each contract's own number, for topics that do not exist yet. */
  readonly partitions?: number;
  /** The broker's default unless given. */
  readonly replicationFactor?: number;
}

export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  readonly committed: bigint;
  readonly end: bigint;
  readonly lag: bigint;
}

/** First and next offset of a partition. */
export interface PartitionOffsets {
  readonly partition: number;
  readonly low: bigint;
  readonly end: bigint;
}

/** An existing topic cannot serve: `misfits` has a sentence each. */
export class TopicMisfitError extends Error {
  override readonly name = 'TopicMisfitError';
  readonly misfits: readonly TopicMisfit[];

  constructor(misfits: readonly TopicMisfit[]) {
    super(misfits.map(({ sentence }) => sentence).join(' '));
    this.misfits = misfits;
  }
}

/** Topic set-up and offsets. One connection, opened at first use. */
export class TopicAdmin {
  readonly #prefix: string;
  readonly #log: Logger;
  readonly #kafka: Kafka;
  #admin: Promise<Admin> | undefined;

  constructor(kafka: Kafka, prefix: string, log: Logger) {
    this.#kafka = kafka;
    this.#prefix = prefix;
    this.#log = log;
  }

  /**
   * Creates the topics that are missing and compares the others with their contracts. Safe when several processes do it at once.
   * Returns the misfits that can be lived with (each is logged as a warning too); throws TopicMisfitError for the others.
   */
  async ensureTopics(contracts: readonly AnyContract[], setup: TopicSetup = {}): Promise<readonly TopicMisfit[]> {
    const admin = await this.#connected();
    const existing = new Set(await admin.listTopics());
    const missing = contracts.filter(({ name }) => !existing.has(this.#prefix + name));
    if (missing.length > 0) await this.#create(admin, missing, setup);
    const misfits = await this.#compare(
      admin,
      contracts.filter(({ name }) => existing.has(this.#prefix + name)),
    );
    const fatal = misfits.filter((misfit) => misfit.fatal);
    if (fatal.length > 0) throw new TopicMisfitError(fatal);
    for (const { sentence, topic } of misfits) this.#log.warn(sentence, { topic });
    return misfits;
  }

  /** Throws an error that names them if topics do not exist. */
  async requireTopics(topics: readonly string[]): Promise<void> {
    const admin = await this.#connected();
    const existing = new Set(await admin.listTopics());
    const missing = topics.map((topic) => this.#prefix + topic).filter((topic) => !existing.has(topic));
    if (missing.length > 0) throw new Error(`No such topic at the broker: ${missing.join(', ')}.`);
  }

  /** Offsets of every partition of a topic, by partition number. */
  async offsets(topic: string): Promise<readonly PartitionOffsets[]> {
    const admin = await this.#connected();
    const offsets = await whenLed(() => admin.fetchTopicOffsets(this.#prefix + topic));
    return offsets
      .map(({ partition, low, high }) => ({ partition, low: BigInt(low), end: BigInt(high) }))
      .sort((a, b) => a.partition - b.partition);
  }

  /** Committed offsets of a group for a topic, by partition; a partition without any is absent. */
  async committed(groupId: string, topic: string): Promise<ReadonlyMap<number, bigint>> {
    const admin = await this.#connected();
    const answer = await admin.fetchOffsets({ groupId: this.#prefix + groupId, topics: [this.#prefix + topic] });
    const known = answer.flatMap(({ partitions }) => partitions).filter(({ offset }) => BigInt(offset) >= 0n);
    return new Map(known.map(({ partition, offset }) => [partition, BigInt(offset)]));
  }

  /** How far a group is behind, per partition. A partition without a commit counts from its first record. */
  async lag(groupId: string, topics: readonly string[]): Promise<readonly PartitionLag[]> {
    const perTopic = await Promise.all(
      topics.map(async (topic) => {
        const [offsets, committed] = await Promise.all([this.offsets(topic), this.committed(groupId, topic)]);
        return offsets.map(({ partition, low, end }) => {
          const at = committed.get(partition) ?? low;
          return { topic, partition, committed: at, end, lag: end > at ? end - at : 0n };
        });
      }),
    );
    return perTopic.flat();
  }

  /** Removes consumer groups that nobody is a member of; failures are of no consequence. */
  async forgetGroups(groupIds: readonly string[]): Promise<void> {
    try {
      const admin = await this.#connected();
      await admin.deleteGroups(groupIds.map((id) => this.#prefix + id));
    } catch (error) {
      this.#log.debug('A reader group could not be removed; the broker forgets it by itself', { err: error });
    }
  }

  async close(): Promise<void> {
    const admin = this.#admin;
    this.#admin = undefined;
    if (admin !== undefined) await (await admin.catch(() => undefined))?.disconnect();
  }

  #connected(): Promise<Admin> {
    this.#admin ??= this.#connect();
    return this.#admin;
  }

  async #connect(): Promise<Admin> {
    const admin = this.#kafka.admin({ retry: { retries: 12, initialRetryTime: 100, maxRetryTime: 3000 } });
    try {
      await admin.connect();
      return admin;
    } catch (error) {
      this.#admin = undefined;
      throw error;
    }
  }

  async #create(admin: Admin, contracts: readonly AnyContract[], setup: TopicSetup): Promise<void> {
    await admin.createTopics({
      // kafkajs would give up when the broker that it asks has not heard of a new topic yet.
      waitForLeaders: false,
      timeout: CREATE_MS,
      topics: contracts.map(({ name, partitions, config }) => ({
        topic: this.#prefix + name,
        numPartitions: setup.partitions ?? partitions,
        replicationFactor: setup.replicationFactor ?? -1,
        configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
      })),
    });
    await this.#untilVisible(admin, contracts);
    await whenLed(() => admin.fetchTopicMetadata({ topics: contracts.map(({ name }) => this.#prefix + name) }));
    this.#log.info('Topics created', { topics: contracts.map(({ name }) => this.#prefix + name) });
  }

  /** Where another process was first, its topics exist for the controller a moment before the broker lists them. */
  async #untilVisible(admin: Admin, contracts: readonly AnyContract[]): Promise<void> {
    const deadline = performance.now() + VISIBLE_MS;
    for (;;) {
      const listed = new Set(await admin.listTopics());
      if (contracts.every(({ name }) => listed.has(this.#prefix + name))) return;
      if (performance.now() > deadline) return;
      await pause(50);
    }
  }

  async #compare(admin: Admin, contracts: readonly AnyContract[]): Promise<TopicMisfit[]> {
    if (contracts.length === 0) return [];
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: contracts.map(({ name, config }) => ({
        type: kafkajs.ConfigResourceTypes.TOPIC,
        name: this.#prefix + name,
        configNames: Object.keys(config),
      })),
    });
    return contracts.flatMap((contract) => {
      const topic = this.#prefix + contract.name;
      const entries = resources.find(({ resourceName }) => resourceName === topic)?.configEntries ?? [];
      return topicMisfits(contract, topic, Object.fromEntries(entries.map((e) => [e.configName, e.configValue])));
    });
  }
}

const LEADERLESS_TRIES = 40;
const LEADERLESS_PAUSE_MS = 100;

/** kafkajs gives up at once when a new topic's leader is not known everywhere yet, although it marks that error as passing. */
async function whenLed<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      const passing = (error as { retriable?: boolean }).retriable === true;
      if (!passing || attempt >= LEADERLESS_TRIES) throw error;
      await pause(LEADERLESS_PAUSE_MS);
    }
  }
}
