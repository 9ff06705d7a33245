import type { Clock } from '@provisor/host';
import {
  isTransient,
  type EdgeSettlement,
  type EdgeVerdict,
  type IntentItem,
  type IntentVerdict,
  type ObjectKey,
  type SettleItem,
  type SettleVerdict,
  type WaitingEdge,
} from '@provisor/persistence';
import type { Logger } from '@provisor/telemetry';
import { MicroBatcher } from '@provisor/host';
import type { EdgePort, SettlePort } from './dispatch-stores.js';
import type { Paced } from './outcome-writer.js';

export interface BatchesOptions {
  readonly stores: { readonly settle: SettlePort; readonly edges: EdgePort };
  /** The outbox has new rows. */
  readonly nudge: () => void;
  readonly clock: Clock;
  readonly log: Logger;
}

export const MOST_IN_A_BATCH = 200;
const SETTLE_DELAY_MS = 3;
/** In a bulk load fuller batches count for more than a few milliseconds. */
const BULK_DELAY_MS = 15;

/** What attempts read and write one by one, carried to the database together. */
export class Batches {
  readonly intents: MicroBatcher<Paced<IntentItem>, IntentVerdict>;
  readonly settlements: MicroBatcher<Paced<SettleItem>, SettleVerdict>;
  readonly edgeSettlements: MicroBatcher<Paced<EdgeSettlement>, EdgeVerdict>;
  /** The references of an object that can be sent now. */
  readonly references: MicroBatcher<ObjectKey, WaitingEdge[]>;
  readonly #log: Logger;

  constructor({ stores, nudge, clock, log }: BatchesOptions) {
    this.#log = log;
    const common = { maxItems: MOST_IN_A_BATCH, clock, onError: (error: unknown) => this.failed(error) };
    const paced = <I, O>(settleMs: number, run: (items: readonly I[]) => Promise<readonly O[]>) =>
      new MicroBatcher<Paced<I>, O>({
        ...common,
        delayMs: ({ urgent }) => (urgent ? settleMs : BULK_DELAY_MS),
        run: (items) => run(items.map(({ item }) => item)),
      });
    const nudging = async <O>(written: Promise<readonly O[]>): Promise<readonly O[]> => {
      const verdicts = await written;
      nudge();
      return verdicts;
    };
    this.intents = paced(0, (items) => stores.settle.recordIntents(items));
    this.settlements = paced(SETTLE_DELAY_MS, (items) => nudging(stores.settle.settle(items, clock.now())));
    this.edgeSettlements = paced(SETTLE_DELAY_MS, (items) => nudging(stores.edges.settle(items, clock.now())));
    this.references = new MicroBatcher({
      ...common,
      delayMs: () => 0,
      run: (keys) => stores.edges.referencesOf(keys, clock.now()),
    });
  }

  /** A single item that the database refuses must not keep its neighbours from being written. */
  failed(error: unknown): 'again' | 'one-by-one' {
    const again = isTransient(error);
    this.#log[again ? 'warn' : 'error']('A batch could not be carried to the database', { err: error, again });
    return again ? 'again' : 'one-by-one';
  }

  /** Gives up on what fails instead of trying again. */
  abandon(): void {
    for (const batcher of [this.intents, this.settlements, this.edgeSettlements, this.references]) batcher.abandon();
  }
}
