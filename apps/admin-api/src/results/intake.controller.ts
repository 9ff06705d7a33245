import { Controller, Inject } from '@nestjs/common';
import {
  provisioningDeadLetters,
  provisioningResults,
  type DeadLetter,
  type ProvisioningResult,
} from '@provisor/contracts';
import { MicroBatcher, systemClock } from '@provisor/host';
import { BatchHandler, PoisonRecordError, type BatchContext, type ReceivedRecord } from '@provisor/kafka';
import { DeadLetterStore, isTransient, QueryProblem, ResultStore } from '@provisor/persistence';
import { connectionOf } from '../dead-letters/replay-record.js';
import { ResultFeed } from './result-feed.js';

const MOST_BATCHES = 24;
const COMPANY_MS = 10;

/** Takes results and dead letters from their topics into the history. */
@Controller()
export class IntakeController {
  /** Batches of several partitions become one transaction: their writers would wait for each other. */
  readonly #results: MicroBatcher<readonly ProvisioningResult[], number>;
  readonly #letters: DeadLetterStore;
  readonly #feed: ResultFeed;

  constructor(
    @Inject(ResultStore) results: ResultStore,
    @Inject(DeadLetterStore) letters: DeadLetterStore,
    @Inject(ResultFeed) feed: ResultFeed,
  ) {
    this.#results = new MicroBatcher({
      maxItems: MOST_BATCHES,
      delayMs: () => COMPANY_MS,
      clock: systemClock,
      run: async (batches) => {
        const added = await results.add(batches.flat());
        return batches.map(() => added);
      },
      onError: () => 'one-by-one',
    });
    this.#letters = letters;
    this.#feed = feed;
  }

  @BatchHandler(provisioningResults)
  async takeResults(batch: readonly ReceivedRecord<ProvisioningResult>[], _context: BatchContext): Promise<void> {
    await store(batch, async (results) => {
      if ((await this.#results.add(results)) > 0) this.#feed.stored();
    });
  }

  @BatchHandler(provisioningDeadLetters)
  async takeDeadLetters(batch: readonly ReceivedRecord<DeadLetter>[], _context: BatchContext): Promise<void> {
    await store(batch, (letters) =>
      this.#letters.add(letters.map((letter) => ({ letter, spConnection: connectionOf(letter) }))),
    );
  }
}

/** Stores a batch at once; where the database refuses it, one by one, so that a single record is set aside and not the batch. */
async function store<T>(batch: readonly ReceivedRecord<T>[], add: (values: T[]) => Promise<void>): Promise<void> {
  try {
    await add(batch.flatMap(({ value }) => (value === null ? [] : [value])));
  } catch (error) {
    if (isPassing(error)) throw error;
    for (const record of batch) await storeAlone(record, add);
  }
}

async function storeAlone<T>(record: ReceivedRecord<T>, add: (values: T[]) => Promise<void>): Promise<void> {
  if (record.value === null) return;
  try {
    await add([record.value]);
  } catch (error) {
    if (isPassing(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new PoisonRecordError(record, 'record.not-storable', `The database refuses the record: ${reason}`);
  }
}

const isPassing = (error: unknown) => (error instanceof QueryProblem ? error.transient : isTransient(error));
