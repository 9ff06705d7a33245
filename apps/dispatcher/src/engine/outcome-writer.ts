import type { Clock } from '@provisor/host';
import { FencedError, type SettleItem } from '@provisor/persistence';
import type { CallOutcome } from '@provisor/provisioning';
import type { Logger } from '@provisor/telemetry';
import type { AttemptEnding, AttemptResult } from '../delivery/attempt-ending.js';
import { OwnershipLost } from '../delivery/call-site.js';
import type { EdgeEnding } from '../delivery/edge-attempt.js';
import { forgottenLink } from '../delivery/settlement.js';
import type { Batches } from './batches.js';
import type { Connection } from './connection.js';
import type { Passage } from './connection-gate.js';
import type { DeliveryMetrics } from './delivery-metrics.js';
import type { MembersDue, ObjectSlot } from './object-slot.js';
import { ScopeWaits } from './token-bucket.js';

/** Something to be written, and whether it can wait for company. */
export interface Paced<T> {
  readonly item: T;
  readonly urgent: boolean;
}

/** What the engine wants to hear of. */
export interface DeliveryWatch {
  /** What the edges of an object waited for may be over: it got an account or lost it, or what it is to be is settled. */
  linkChanged(slot: ObjectSlot): void;
  answered(connection: Connection, passage: Passage, answer: CallOutcome | undefined): void;
  throttled(connection: Connection, until: number): void;
  settled(connection: Connection): void;
  /** The database says that another process owns the connection. */
  fenced(connection: Connection): void;
}

/** What the calls of an attempt came to. */
export type Came =
  | { readonly kind: 'object'; readonly result: AttemptResult; readonly item: SettleItem | undefined }
  /** `rest`: memberships that may be left after a full chunk. */
  | { readonly kind: 'edges'; readonly ending: EdgeEnding; readonly rest?: MembersDue }
  | { readonly kind: 'nothing' };

export interface OutcomeWriterParts {
  readonly batches: Batches;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: DeliveryMetrics;
  /** Ends calls that are in flight when the time of a stop is over; what they came to is not written then. */
  readonly signal: AbortSignal;
  readonly watch: DeliveryWatch;
}

const PAUSE_AFTER_TROUBLE_MS = 1_000;

/** Bulk work can wait a few milliseconds for company. */
export const isUrgent = (slot: ObjectSlot): boolean => slot.row.lane !== 'bulk';

/** Writes what attempts came to, and decides what is next for their objects. */
export class OutcomeWriter {
  readonly #p: OutcomeWriterParts;

  constructor(parts: OutcomeWriterParts) {
    this.#p = parts;
  }

  async write(connection: Connection, slot: ObjectSlot, came: Came): Promise<void> {
    if (this.#p.signal.aborted) return;
    if (came.kind === 'edges') await this.#writeEdges(connection, slot, came.ending);
    if (came.kind === 'edges' && came.rest !== undefined) this.#goOn(connection, slot, came.rest);
    if (came.kind !== 'object') {
      connection.work.finish(slot);
      return;
    }
    const { result, item } = came;
    if (result.kind === 'ended' && item !== undefined)
      await this.#writeObject(connection, slot, { ending: result.ending, item });
    else if (result.kind === 'lost') this.#giveBack(connection, slot);
    else {
      slot.stateDue = true;
      connection.work.finish(slot);
    }
  }

  async #writeObject(
    connection: Connection,
    slot: ObjectSlot,
    { ending, item }: { ending: AttemptEnding; item: SettleItem },
  ): Promise<void> {
    const { row } = slot;
    const verdict = await this.#p.batches.settlements.add({ item, urgent: isUrgent(slot) });
    if (verdict.kind === 'fenced') {
      this.#fenced(connection, slot);
      return;
    }
    const written = verdict.item;
    if (verdict.woke === true) connection.work.lookAgain();
    this.#p.metrics.attempted({
      item: written,
      operation: ending.operation,
      lane: row.lane,
      reason: row.reason,
      occurredAt: row.occurredAt,
    });
    const { applied, targetId, targetVersion, createIntended, removedVersion, lastOutcome } = written;
    slot.row = { ...slot.row, applied, targetId, targetVersion, createIntended, removedVersion, lastOutcome };
    slot.intentFresh = false;
    if (written.newLink && targetId !== null) connection.window.linked();
    // Another account than before has none of the edges either, also where it was found and not made.
    if ((written.newLink || written.gone) && targetId !== null) this.#p.watch.linkChanged(slot);
    if (verdict.current) this.#standing(connection, slot, written);
    // A newer version is in the database that this slot has not been told of yet.
    else if (!slot.stateDue) connection.work.lookAt(row.objectId);
    connection.work.finish(slot);
  }

  #standing(connection: Connection, slot: ObjectSlot, item: SettleItem): void {
    if (slot.stateDue) return;
    // Of whoever leaves the account comes first, and the memberships wait for it.
    if (item.state !== 'pending' && slot.row.desired.presence !== 'active') this.#p.watch.linkChanged(slot);
    const { state, attempt, failures, firstAttemptAt, nextAttemptAt } = item;
    // What a person approved stays approved until it is done, however often it has to be tried.
    const holdReleased = state === 'pending' && slot.row.holdReleased;
    slot.row = { ...slot.row, state, attempt, failures, firstAttemptAt, nextAttemptAt, holdReleased };
    if (state !== 'pending') return;
    if (nextAttemptAt <= this.#p.clock.now()) slot.stateDue = true;
    else connection.work.dueAt(nextAttemptAt);
  }

  async #writeEdges(connection: Connection, slot: ObjectSlot, ending: EdgeEnding): Promise<void> {
    if (ending.targetVersion !== undefined) slot.row = { ...slot.row, targetVersion: ending.targetVersion };
    const { edges, records } = ending;
    const verdict = await this.#p.batches.edgeSettlements.add({
      item: { fence: connection.fence, edges, records },
      urgent: isUrgent(slot),
    });
    if (verdict === 'fenced') throw new FencedError('The SP connection has another owner by now.');
    const { answer } = ending;
    if (answer !== undefined) this.#p.metrics.edgesSent(answer.kind, ending.operation);
    if (edges.some((edge) => edge.hold !== undefined)) this.#p.metrics.edgesSent('held', 'remove-members');
    if (answer?.kind === 'vanished') await this.#relink(connection, slot);
    if (ending.retryAt !== undefined)
      connection.edgesRetryAt = Math.min(connection.edgesRetryAt ?? ending.retryAt, ending.retryAt);
  }

  /** After a full chunk: the next one if it is due, otherwise what is left collects. */
  #goOn(connection: Connection, slot: ObjectSlot, rest: MembersDue): void {
    const { objectId } = slot.row;
    const now = this.#p.clock.now();
    connection.agenda.add([{ objectId, members: true, ...rest }], now);
    const due = connection.agenda.takeMembers(objectId, now, connection.edgeLoad(now));
    if (due !== undefined) slot.addMembers(due);
  }

  /** The group or account that the edges belong to is gone: it is planned for again without a link. */
  async #relink(connection: Connection, slot: ObjectSlot): Promise<void> {
    const verdict = await this.#p.batches.settlements.add({
      item: forgottenLink(slot.row, connection.fence, this.#p.clock.now()),
      urgent: true,
    });
    if (verdict.kind === 'fenced') throw new FencedError('The SP connection has another owner by now.');
    connection.window.unlinked();
    slot.row = { ...slot.row, applied: null, targetId: null, targetVersion: null };
    slot.stateDue = true;
  }

  #fenced(connection: Connection, slot: ObjectSlot): void {
    connection.work.drop(slot);
    this.#p.watch.fenced(connection);
  }

  /**
   * Nothing was done, because the right to act had lapsed or was suspended. It may come back, so the object waits in the database;
   * a connection that somebody else owns by then is closed when the loss is noticed.
   */
  #giveBack(connection: Connection, slot: ObjectSlot): void {
    connection.edgesLookAtAll = true;
    connection.work.drop(slot);
    connection.work.dueAt(this.#p.clock.now() + PAUSE_AFTER_TROUBLE_MS);
  }

  /** Trouble of ours, such as a database that is away: the database says later what is to be done. */
  troubled(connection: Connection, slot: ObjectSlot, error: unknown): void {
    if (error instanceof FencedError) {
      this.#fenced(connection, slot);
      return;
    }
    const now = this.#p.clock.now();
    if (error instanceof ScopeWaits) {
      connection.edgesRetryAt = Math.min(connection.edgesRetryAt ?? error.until, error.until);
    } else if (!(error instanceof OwnershipLost)) {
      this.#p.log.error('An attempt could not be carried through', {
        err: error,
        spConnection: connection.name,
        objectId: slot.row.objectId,
      });
      connection.edgesRetryAt = now + PAUSE_AFTER_TROUBLE_MS;
    }
    this.#giveBack(connection, slot);
  }
}
