import { metrics, type Logger } from '@provisor/telemetry';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { TopicAdmin } from '../admin/topic-admin.js';
import { METADATA_MAX_AGE_MS } from '../client/create-kafka.js';
import { rawRecord } from '../client/raw-record.js';
import type { DeadLetterPublisher } from '../dead-letters/dead-letter-publisher.js';
import type { TopicPartition } from '../records.js';
import type { KafkaClock } from '../settings.js';
import { Assignment, partitionId } from './assignment.js';
import { BatchProcessor } from './batch-processor.js';
import { OffsetCommitter } from './offset-committer.js';
import { PartitionWorker } from './partition-worker.js';
import { ProgressWatchdog, type PartitionProgress } from './progress-watchdog.js';
import { Slots } from './slots.js';
import type { AnySubscription, BatchConsumerOptions, ConsumerHealth } from './subscription.js';

export interface ConsumerDependencies {
  readonly kafka: Kafka;
  readonly prefix: string;
  readonly admin: TopicAdmin;
  readonly deadLetters: DeadLetterPublisher;
  readonly log: Logger;
  readonly clock: KafkaClock;
}

const WATCH_EVERY_MS = 15_000;
const STALL_MS = 45_000;
/** A rebalance takes half a minute at most; whoever finds no way back in twice that time never will. */
const OUTSIDE_MS = 60_000;
type Settings = Required<Omit<BatchConsumerOptions, 'onAssigned' | 'onRevoked'>>;
const DEFAULTS: Omit<Settings, 'groupId' | 'subscriptions' | 'stage'> = {
  fromBeginning: true,
  maxBatch: 500,
  drainMs: 20_000,
  commitEveryMs: 200,
  // Data ends a wait at once. A resumed partition may wait as long for its fetch.
  fetch: { minBytes: 1, waitMs: 100 },
  sessionTimeoutMs: 15_000,
  highWater: { records: 4000, bytes: 8 * 1024 * 1024 },
  backoff: { initialMs: 100, maxMs: 10_000 },
};

/** What all partitions of one subscription share. */
interface Machine {
  readonly item: AnySubscription;
  readonly processor: BatchProcessor;
  readonly slots: Slots;
}

/**
 * A member of a consumer group around kafkajs.
 *
 * The fetch loop of kafkajs only ever queues (`eachBatch` returns at once), so that neither slow work nor a slow partition
 * stops fetching or heartbeats. Work runs in one PartitionWorker per assigned partition. Offsets are committed apart from it,
 * contiguously: every `commitEveryMs`, right before a rebalance, and at the end. A commit is made with the commit function of
 * the current membership and only from its workers: kafkajs would also commit partitions that are someone else's by now, and
 * the broker would take it. Every such call carries the generation in which it was made, so the broker refuses late ones.
 *
 * Lifecycle: idle → started (`start`, joined) ⇄ rejoining (rebalance, crash, stall) → stopping → stopped. kafkajs restarts
 * itself after retriable crashes; after others, and after a stall, this class makes a new kafkajs consumer.
 */
export class BatchConsumer {
  readonly #o: Settings;
  readonly #d: ConsumerDependencies;
  readonly #log: Logger;
  readonly #assignment: Assignment;
  readonly #committer: OffsetCommitter;
  /** By the name of the topic at the broker. */
  readonly #subscriptions: ReadonlyMap<string, AnySubscription>;
  readonly #topicNames: readonly string[];
  readonly #watchdog = new ProgressWatchdog(STALL_MS);
  readonly #ended = new AbortController();
  #consumer: Consumer | undefined;
  #memberId: string | undefined;
  #joined = false;
  /** Since when it has been on its way back into its group, by a client that says nothing of trouble. */
  #outsideSince: number | undefined;
  #healthy = true;
  #firstJoin = Promise.withResolvers<void>();
  #stopped: Promise<void> | undefined;
  #endGauge: (() => void) | undefined;

  constructor(options: BatchConsumerOptions, dependencies: ConsumerDependencies) {
    this.#o = { ...DEFAULTS, ...options };
    this.#d = dependencies;
    this.#log = dependencies.log.child({ group: options.groupId });
    this.#subscriptions = new Map(
      options.subscriptions.map((item) => [dependencies.prefix + item.contract.name, item]),
    );
    this.#topicNames = options.subscriptions.map(({ contract }) => contract.name);
    const machines = new Map(options.subscriptions.map((item) => [item.contract.name, this.#machine(item)]));
    this.#assignment = new Assignment({
      hooks: options,
      labels: { group: options.groupId },
      log: this.#log,
      clock: dependencies.clock,
      createWorker: (partition, epoch, ready) => this.#worker(partition, epoch, ready, machines),
    });
    this.#committer = new OffsetCommitter({
      prefix: dependencies.prefix,
      everyMs: this.#o.commitEveryMs,
      workers: () => this.#assignment.workers,
      ended: this.#ended.signal,
      log: this.#log,
      clock: dependencies.clock,
    });
  }

  /** Resolves when the group has given this member its partitions. Rejects if a topic does not exist or no broker answers. */
  async start(): Promise<void> {
    await this.#d.admin.requireTopics(this.#topicNames);
    this.#endGauge = metrics.gauge('provisioning.consumer.lag', () => this.#lagReadings());
    try {
      await this.#open();
    } catch (error) {
      await this.#disconnect(this.#consumer);
      throw error;
    }
    await this.#firstJoin.promise;
    void this.#watch();
  }

  /** Ends the work in hand (up to `drainMs`), commits it and leaves the group. What was only queued is left to others. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  health(): ConsumerHealth {
    const { workers, epoch } = this.#assignment;
    return {
      joined: this.#joined,
      healthy: this.#healthy,
      epoch,
      assigned: workers.map(({ id }) => id),
      queued: workers.reduce((sum, { queued }) => sum + queued, 0),
      struggling: workers.flatMap(({ id, trouble }) => (trouble === undefined ? [] : [{ ...id, ...trouble }])),
    };
  }

  #machine(item: AnySubscription): Machine {
    const { groupId, stage, backoff } = this.#o;
    const { deadLetters, clock } = this.#d;
    return {
      item,
      slots: new Slots(item.mode === 'keyed' ? (item.concurrency ?? 16) : Infinity),
      processor: new BatchProcessor({
        subscription: item,
        groupId,
        stage,
        backoff,
        deadLetters,
        clock,
        log: this.#log,
      }),
    };
  }

  #worker(
    partition: TopicPartition,
    epoch: number,
    ready: Promise<void>,
    machines: ReadonlyMap<string, Machine>,
  ): PartitionWorker {
    const machine = machines.get(partition.topic);
    if (machine === undefined) throw new Error(`Assigned a topic that was not subscribed: ${partition.topic}`);
    const { maxBatch, highWater } = this.#o;
    const worker: PartitionWorker = new PartitionWorker({
      ...partition,
      epoch,
      ready,
      maxBatch,
      highWater,
      mode: machine.item.mode,
      processor: machine.processor,
      slots: machine.slots,
      now: () => this.#d.clock.now(),
      onProgress: () => this.#committer.nudge(),
      onIntake: (order) => {
        if (this.#assignment.worker(partition) === worker) this.#intake(order, [partition]);
      },
    });
    return worker;
  }

  async #open(): Promise<void> {
    const { groupId, sessionTimeoutMs, fromBeginning, fetch } = this.#o;
    const consumer = this.#d.kafka.consumer({
      groupId: this.#d.prefix + groupId,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: Math.min(1000, sessionTimeoutMs / 6),
      rebalanceTimeout: 30_000,
      metadataMaxAge: METADATA_MAX_AGE_MS,
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: fetch.waitMs,
      minBytes: fetch.minBytes,
      maxBytesPerPartition: 1024 * 1024,
      maxBytes: 8 * 1024 * 1024,
      retry: { retries: 10, initialRetryTime: 100, maxRetryTime: 5000, restartOnFailure: async () => true },
    });
    this.#consumer = consumer;
    const current = (): boolean => this.#consumer === consumer && this.#stopped === undefined;
    const { GROUP_JOIN, REBALANCING, CRASH } = consumer.events;
    consumer.on(GROUP_JOIN, ({ payload }) => {
      if (current()) this.#join(payload.memberId, payload.memberAssignment);
    });
    consumer.on(REBALANCING, () => {
      if (current()) this.#rebalancing();
    });
    consumer.on(CRASH, ({ payload }) => {
      if (current()) this.#crashed(payload.error, payload.restart);
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [...this.#subscriptions.keys()], fromBeginning });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 16,
      eachBatch: async (payload) => {
        if (current()) this.#queue(payload);
      },
    });
  }

  #queue(payload: EachBatchPayload): void {
    const { batch } = payload;
    const contract = this.#subscriptions.get(batch.topic)?.contract.name;
    if (contract === undefined) return;
    const worker = this.#assignment.worker({ topic: contract, partition: batch.partition });
    if (worker === undefined) return;
    this.#committer.use((offsets) => payload.commitOffsetsIfNecessary(offsets));
    const records = batch.messages.map((message) => rawRecord(contract, batch.partition, message));
    worker.offer(records, BigInt(batch.lastOffset()), BigInt(batch.highWatermark));
    payload.resolveOffset(batch.lastOffset());
  }

  #join(memberId: string, topics: Readonly<Record<string, readonly number[]>>): void {
    const partitions = Object.entries(topics).flatMap(([topic, numbers]) => {
      const contract = this.#subscriptions.get(topic)?.contract.name;
      return contract === undefined ? [] : numbers.map((partition) => ({ topic: contract, partition }));
    });
    this.#intake(
      'open',
      this.#assignment.workers.filter(({ paused }) => paused).map(({ id }) => id),
    );
    this.#committer.use(undefined);
    this.#assignment.begin(partitions, memberId === this.#memberId);
    this.#memberId = memberId;
    this.#joined = true;
    this.#outsideSince = undefined;
    this.#firstJoin.resolve();
    this.#log.info('Partitions assigned', { epoch: this.#assignment.epoch, partitions: partitions.map(partitionId) });
  }

  /** Still a member of the old generation: the last moment to tell the group what is done. */
  #rebalancing(): void {
    this.#joined = false;
    this.#outsideSince ??= this.#d.clock.now();
    void this.#committer.commitNow();
  }

  #crashed(error: Error, restarts: boolean): void {
    this.#joined = false;
    this.#outsideSince ??= this.#d.clock.now();
    this.#memberId = undefined;
    this.#log.warn('The consumer lost its group', { err: error, restarts });
    this.#committer.use(undefined);
    this.#assignment.lose();
    if (!restarts) void this.#recreate();
  }

  async #recreate(): Promise<void> {
    const old = this.#consumer;
    this.#consumer = undefined;
    this.#joined = false;
    this.#outsideSince = undefined;
    this.#committer.use(undefined);
    this.#memberId = undefined;
    this.#assignment.lose();
    await this.#disconnect(old);
    for (let pauseMs = 500; this.#stopped === undefined; pauseMs = Math.min(pauseMs * 2, 10_000)) {
      try {
        await this.#open();
        return;
      } catch (error) {
        this.#log.warn('The consumer could not be opened and will be tried again', { err: error, pauseMs });
        await this.#disconnect(this.#consumer);
        await this.#sleep(pauseMs);
      }
    }
  }

  #intake(order: 'close' | 'open', partitions: readonly TopicPartition[]): void {
    const consumer = this.#consumer;
    if (consumer === undefined || partitions.length === 0 || (this.#stopped !== undefined && order === 'open')) return;
    const list = partitions.map(({ topic, partition }) => ({ topic: this.#d.prefix + topic, partitions: [partition] }));
    try {
      if (order === 'close') consumer.pause(list);
      else consumer.resume(list);
    } catch (error) {
      // Between two memberships there is nothing to pause or resume; the next one begins with open partitions.
      this.#log.debug('Intake could not be switched', { err: error, order });
    }
  }

  async #watch(): Promise<void> {
    while (this.#stopped === undefined) {
      await this.#sleep(WATCH_EVERY_MS);
      if (this.#stopped !== undefined) continue;
      if (!this.#joined) {
        await this.#bringBack();
        continue;
      }
      try {
        const verdict = this.#watchdog.observe(this.#d.clock.now(), await this.#progress());
        this.#healthy = verdict !== 'unhealthy';
        if (verdict === 'fine') continue;
        this.#log.warn('Records wait at the broker and none arrives', { verdict });
        if (verdict === 'recreate') await this.#recreate();
      } catch (error) {
        this.#log.debug('Progress could not be looked at', { err: error });
      }
    }
  }

  /** The client may wait for ever for an answer that a broker which is gone has not given. */
  async #bringBack(): Promise<void> {
    const since = this.#outsideSince;
    if (since === undefined || this.#d.clock.now() - since < OUTSIDE_MS) return;
    this.#log.warn('The consumer does not find back into its group and is made anew', { since: new Date(since) });
    await this.#recreate();
  }

  async #progress(): Promise<PartitionProgress[]> {
    const lags = await this.#d.admin.lag(this.#o.groupId, this.#topicNames);
    return lags.flatMap(({ topic, partition, committed, end }) => {
      const worker = this.#assignment.worker({ topic, partition });
      if (worker === undefined) return [];
      worker.committed ??= committed;
      worker.sawEnd(end);
      return [{ id: partitionId(worker.id), end, position: worker.position ?? committed, paused: worker.paused }];
    });
  }

  #lagReadings(): { value: number; attributes: Record<string, string> }[] {
    return [...Map.groupBy(this.#assignment.workers, ({ id }) => id.topic)].map(([topic, workers]) => ({
      value: workers.reduce((sum, { lag }) => sum + lag, 0),
      attributes: { group: this.#o.groupId, topic },
    }));
  }

  async #stop(): Promise<void> {
    this.#ended.abort();
    const consumer = this.#consumer;
    this.#firstJoin.resolve();
    this.#intake(
      'close',
      this.#assignment.workers.map(({ id }) => id),
    );
    await this.#assignment.drain(this.#o.drainMs);
    await this.#committer.settled();
    await this.#committer.commitNow();
    this.#assignment.lose();
    await this.#assignment.hooksSettled();
    await this.#disconnect(consumer);
    this.#joined = false;
    this.#endGauge?.();
  }

  /** Leaves the group; does not wait for a broker that is gone. */
  async #disconnect(consumer: Consumer | undefined): Promise<void> {
    const patience = new AbortController();
    const leave = consumer
      ?.disconnect()
      .catch((error: unknown) => this.#log.debug('A consumer did not disconnect', { err: error }));
    await Promise.race([leave, this.#d.clock.sleep(5000, patience.signal).catch(() => undefined)]);
    patience.abort();
  }

  /** Ends early, without an error, when the consumer stops. */
  async #sleep(ms: number): Promise<void> {
    await this.#d.clock.sleep(ms, this.#ended.signal).catch(() => undefined);
  }
}
