import { metrics, withSpan, type Logger, type SpanOptions } from '@provisor/telemetry';
import type { DeadLetterPublisher, FailedRecord } from '../dead-letters/dead-letter-publisher.js';
import { decodeBatch } from '../decode-batch.js';
import type { RawRecord, ReceivedRecord } from '../records.js';
import type { KafkaClock } from '../settings.js';
import { PoisonRecordError } from './poison-record-error.js';
import type { AnySubscription, BatchContext } from './subscription.js';

export interface ProcessorDependencies {
  readonly subscription: AnySubscription;
  readonly groupId: string;
  readonly stage: string;
  readonly backoff: { readonly initialMs: number; readonly maxMs: number };
  readonly deadLetters: DeadLetterPublisher;
  readonly log: Logger;
  readonly clock: KafkaClock;
}

/** Told about trouble that is being repeated, and with undefined when it is over. */
export type TroubleListener = (error: string | undefined) => void;

/** A single record older than this begins a trace of its own instead of continuing one that ended long ago. */
const FRESH_MS = 600_000;
/** A parent that names no span: the work begins a trace. */
const NO_PARENT = '';

const consumed = metrics.counter('messaging.client.consumed.messages');
const processDuration = metrics.histogram('messaging.process.duration');

/**
 * Takes records from bytes to "done". Nothing is lost on the way: a record that cannot be decoded, or that its handler calls
 * poison, is in the dead-letter topic before `process` resolves; everything else is handed over until it succeeds.
 *
 * A batch with a poison record is cut into what stands before, the record alone, and what stands after, so that order holds
 * and neighbours go on; the record goes to dead letters when it fails alone as well.
 */
export class BatchProcessor {
  readonly #d: ProcessorDependencies;
  readonly #labels: Readonly<Record<string, string>>;

  constructor(dependencies: ProcessorDependencies) {
    this.#d = dependencies;
    this.#labels = {
      'messaging.destination.name': dependencies.subscription.contract.name,
      'messaging.consumer.group.name': dependencies.groupId,
    };
  }

  /** True when every record is done with; false if `giveUp` came first: then none may be committed. */
  async process(
    raws: readonly RawRecord[],
    context: BatchContext,
    giveUp: AbortSignal,
    onTrouble: TroubleListener,
  ): Promise<boolean> {
    consumed.add(raws.length, this.#labels);
    const { records, failed } = await decodeBatch<never>(this.#d.subscription.contract, raws);
    const repeat = (work: () => Promise<void>): Promise<boolean> => this.#repeat(work, context, giveUp, onTrouble);
    if (failed.length > 0 && !(await repeat(() => this.#bury(failed)))) return false;

    const origins = new Map(raws.map((raw) => [raw.offset, raw]));
    const parts = records.length > 0 ? [records] : [];
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      const current = part;
      let poison: PoisonRecordError | undefined;
      const done = await repeat(async () => {
        poison = await this.#hand(current, context);
      });
      if (!done) return false;
      if (poison === undefined) continue;
      const { record, code, message } = poison;
      const raw = origins.get(record.offset);
      if (current.length > 1) parts.unshift(...isolate(current, record));
      else if (raw !== undefined && !(await repeat(() => this.#bury([{ record: raw, code, message }])))) return false;
    }
    return true;
  }

  async #bury(failed: readonly FailedRecord[]): Promise<void> {
    await this.#d.deadLetters.publish(this.#d.stage, failed);
    for (const { record, code } of failed)
      this.#d.log.warn('A record went to dead letters', {
        topic: record.topic,
        partition: record.partition,
        offset: record.offset.toString(),
        code,
      });
  }

  /** Hands records to the handler once. A poison record comes back as a value; other errors are thrown. */
  async #hand(
    records: readonly ReceivedRecord<never>[],
    context: BatchContext,
  ): Promise<PoisonRecordError | undefined> {
    const began = this.#d.clock.now();
    let errorType: string | undefined;
    try {
      await withSpan(`process ${context.topic}`, this.#span(records), () =>
        this.#d.subscription.handle(records, context),
      );
      return undefined;
    } catch (error) {
      errorType = error instanceof Error ? error.name : 'Error';
      if (error instanceof PoisonRecordError && records.some(({ offset }) => offset === error.record.offset))
        return error;
      throw error;
    } finally {
      const seconds = (this.#d.clock.now() - began) / 1000;
      processDuration.record(seconds, { ...this.#labels, ...(errorType && { 'error.type': errorType }) });
    }
  }

  async #repeat(
    work: () => Promise<void>,
    context: BatchContext,
    giveUp: AbortSignal,
    onTrouble: TroubleListener,
  ): Promise<boolean> {
    const { initialMs, maxMs } = this.#d.backoff;
    for (let attempt = 0; ; attempt += 1) {
      if (giveUp.aborted) return false;
      try {
        await work();
        if (attempt > 0) onTrouble(undefined);
        return true;
      } catch (error) {
        if (giveUp.aborted) return false;
        const pauseMs = Math.min(maxMs, initialMs * 2 ** attempt);
        onTrouble(error instanceof Error ? error.message : String(error));
        const { topic, partition } = context;
        this.#d.log.warn('Handling failed and will be repeated', { err: error, topic, partition, attempt, pauseMs });
        await this.#d.clock.sleep(pauseMs, giveUp).catch(() => undefined);
      }
    }
  }

  #span(records: readonly ReceivedRecord<never>[]): SpanOptions {
    const [first] = records;
    const causes = [...new Set(records.map(({ traceparent }) => traceparent).filter((cause) => cause !== undefined))];
    const single = records.length === 1 && first !== undefined && this.#d.clock.now() - first.timestamp < FRESH_MS;
    return {
      kind: 'consumer',
      attributes: {
        'messaging.system': 'kafka',
        'messaging.operation.name': 'process',
        'messaging.operation.type': 'process',
        ...this.#labels,
        'messaging.destination.partition.id': String(first?.partition),
        'messaging.kafka.offset': Number(first?.offset),
        'messaging.batch.message_count': records.length,
      },
      ...(single && causes[0] !== undefined
        ? { parent: causes[0] }
        : { parent: NO_PARENT, links: causes.slice(0, 128) }),
    };
  }
}

function isolate<R extends ReceivedRecord<unknown>>(
  records: readonly R[],
  poison: ReceivedRecord<unknown>,
): (readonly R[])[] {
  const at = records.findIndex(({ offset }) => offset === poison.offset);
  return [records.slice(0, at), records.slice(at, at + 1), records.slice(at + 1)].filter(({ length }) => length > 0);
}
