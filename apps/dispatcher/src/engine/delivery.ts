import type { Lane } from '@provisor/contracts';
import type { Clock } from '@provisor/host';
import {
  FencedError,
  type EdgeStore,
  type IntentItem,
  type IntentVerdict,
  type SettleItem,
  type SettleVerdict,
  type WaitingEdge,
} from '@provisor/persistence';
import type { CallOutcome } from '@provisor/provisioning';
import { withSpan, type ActiveSpan, type Logger } from '@provisor/telemetry';
import { CallSite, DesiredAnew, OwnershipLost } from '../delivery/call-site.js';
import { sendMemberships, sendReferences, type EdgeEnding } from '../delivery/edge-attempt.js';
import type { AttemptEnding, AttemptResult } from '../delivery/attempt-ending.js';
import { describeTarget } from '../delivery/describe-target.js';
import { ObjectAttempt } from '../delivery/object-attempt.js';
import type { ValueOpener } from '../delivery/opened-attributes.js';
import { forgottenLink, settlementOf } from '../delivery/settlement.js';
import { stateOf } from '../delivery/target-object-state.js';
import type { TargetSession } from '../delivery/target-session.js';
import type { Connection } from './connection.js';
import type { Passage } from './connection-gate.js';
import type { DeliveryMetrics } from './delivery-metrics.js';
import type { MicroBatcher } from './micro-batcher.js';
import type { ObjectSlot } from './object-slot.js';
import { ScopeWaits } from './token-bucket.js';

export interface DeliveryParts {
  readonly intents: MicroBatcher<IntentItem, IntentVerdict>;
  readonly settlements: MicroBatcher<SettleItem, SettleVerdict>;
  readonly edges: EdgeStore;
  readonly open: ValueOpener;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly metrics: DeliveryMetrics;
  /** Ends calls that are in flight when the time of a stop is over. */
  readonly signal: AbortSignal;
  readonly watch: DeliveryWatch;
}

/** What the engine wants to hear of. */
export interface DeliveryWatch {
  /** An object got an account, or lost it: its edges are to be looked at. */
  linkChanged(slot: ObjectSlot): void;
  answered(connection: Connection, passage: Passage, answer: CallOutcome | undefined): void;
  throttled(connection: Connection, until: number): void;
  settled(connection: Connection): void;
  lost(connection: Connection): void;
}

type Came =
  | { readonly kind: 'object'; readonly result: AttemptResult; readonly item: SettleItem | undefined }
  | { readonly kind: 'edges'; readonly ending: EdgeEnding; readonly more: boolean }
  | { readonly kind: 'nothing' };

const MEMBERS_PER_CALL = 100;
const PAUSE_AFTER_TROUBLE_MS = 1_000;

/** Carries attempts through: calls, then the writing of what they came to, then the object's next work. */
export class Delivery {
  readonly #p: DeliveryParts;

  constructor(parts: DeliveryParts) {
    this.#p = parts;
  }

  /** `ended` is called when the calls are over, `watch.settled` when everything is written. Never rejects. */
  start(connection: Connection, slot: ObjectSlot, ended: () => void): void {
    const { session } = connection;
    if (session === undefined) {
      ended();
      return;
    }
    const passage = connection.gate.pass(this.#p.clock.now());
    slot.busy = true;
    connection.inFlight += 1;
    connection.unsettled += 1;
    let answer: CallOutcome | undefined;
    const calls = this.#calls(connection, slot, session)
      .then((came) => {
        answer = answerOf(came);
        return came;
      })
      .finally(() => {
        connection.inFlight -= 1;
        this.#p.watch.answered(connection, passage, answer);
        ended();
      });
    void calls
      .then((came) => this.#write(connection, slot, came))
      .catch((error: unknown) => this.#troubled(connection, slot, error))
      .finally(() => {
        connection.unsettled -= 1;
        this.#p.watch.settled(connection);
      });
  }

  async #calls(connection: Connection, slot: ObjectSlot, session: TargetSession): Promise<Came> {
    const { row } = slot;
    const what = slot.stateDue ? 'state' : slot.membersDue ? 'members' : 'references';
    slot[`${what}Due`] = false;
    const edges = what === 'state' ? [] : await this.#edgesOf(connection, slot, what);
    if (what !== 'state' && edges.length === 0) return { kind: 'nothing' };
    const parent = what === 'members' ? edges[0]?.traceparent : row.traceparent;
    return withSpan(
      `dispatch ${row.objectType} ${what}`,
      {
        kind: 'client',
        ...(parent === null || parent === undefined ? {} : { parent }),
        links: edges.slice(1).flatMap((edge) => (edge.traceparent === null ? [] : [edge.traceparent])),
        attributes: {
          'provisor.sp_connection': connection.name,
          'provisor.object_id': row.objectId,
          'provisor.lane': row.lane,
          'provisor.attempt': row.attempt + 1,
        },
      },
      (span) =>
        what === 'state'
          ? this.#objectCalls(connection, slot, session, span)
          : this.#edgeCalls({ connection, slot, session, span }, what, edges),
    );
  }

  async #objectCalls(
    connection: Connection,
    slot: ObjectSlot,
    session: TargetSession,
    span: ActiveSpan,
  ): Promise<Came> {
    const { clock, random } = this.#p;
    const startedAt = clock.now();
    const { row } = slot;
    const site = this.#site(connection, session, {
      lane: row.lane,
      span,
      mayProceed: () => expectVersion(slot, row.version),
    });
    const result = await this.#describedThen(session, site, () => this.#attempt(connection, slot, session, site), slot);
    if (result.kind !== 'ended') return { kind: 'object', result, item: undefined };
    const { ending } = result;
    const now = clock.now();
    span.set({
      'provisor.operation': ending.operation,
      'provisor.outcome': ending.outcome.kind,
      'provisor.code': ending.outcome.code,
    });
    if (!isWell(ending.outcome.kind)) span.fail(ending.outcome.code);
    const item = settlementOf(ending, {
      row,
      fence: connection.fence,
      retry: session.policy.retry,
      startedAt,
      now,
      random: random(),
      requests: site.requests,
      targetMs: site.targetMs,
      trace: span,
    });
    this.#throttle(connection, ending.outcome, item.nextAttemptAt);
    return { kind: 'object', result, item };
  }

  #attempt(connection: Connection, slot: ObjectSlot, session: TargetSession, site: CallSite): Promise<AttemptResult> {
    const { intents, open, clock, watch } = this.#p;
    return new ObjectAttempt({
      slot,
      session,
      site,
      window: connection.window,
      fence: connection.fence,
      recordIntent: (item) => intents.add(item),
      open,
      clock,
      onLinked: () => watch.linkChanged(slot),
    }).run();
  }

  /** What the target can do is asked once; a target that cannot answer that fails the attempt like any other call would. */
  async #describedThen(
    session: TargetSession,
    site: CallSite,
    attempt: () => Promise<AttemptResult>,
    slot: ObjectSlot,
  ): Promise<AttemptResult> {
    const described = session.description !== undefined || (await describeTarget(session, site));
    if (described === true) return attempt();
    return described.kind === 'failed' ? { kind: 'ended', ending: undescribed(slot, described.outcome) } : described;
  }

  #edgesOf(connection: Connection, slot: ObjectSlot, what: 'members' | 'references'): Promise<WaitingEdge[]> {
    if (slot.row.targetId === null) return Promise.resolve([]);
    const { edges, clock } = this.#p;
    const owner = { spConnection: connection.name, objectId: slot.row.objectId };
    return what === 'members'
      ? edges.membershipsOf(owner, membersPerCall(connection.session), clock.now())
      : edges.referencesOf(owner, clock.now());
  }

  async #edgeCalls(
    at: { connection: Connection; slot: ObjectSlot; session: TargetSession; span: ActiveSpan },
    what: 'members' | 'references',
    edges: readonly WaitingEdge[],
  ): Promise<Came> {
    const { connection, slot, session, span } = at;
    const { clock, random } = this.#p;
    const site = this.#site(connection, session, { lane: slot.row.lane, span, mayProceed: () => undefined });
    const parts = { owner: slot.row, site, retry: session.policy.retry, clock, random, trace: span };
    const ending = what === 'members' ? await sendMemberships(parts, edges) : await sendReferences(parts, edges);
    span.set({ 'provisor.outcome': ending.answer.kind, 'provisor.edges': edges.length });
    if (!isWell(ending.answer.kind)) span.fail(ending.answer.code);
    this.#throttle(connection, ending.answer, clock.now() + PAUSE_AFTER_TROUBLE_MS);
    return { kind: 'edges', ending, more: what === 'members' && edges.length >= membersPerCall(session) };
  }

  #site(
    connection: Connection,
    session: TargetSession,
    at: { lane: Lane; span: ActiveSpan; mayProceed: () => void },
  ): CallSite {
    const { clock, signal } = this.#p;
    const owns = (): boolean => !connection.closed && connection.lease.covers(clock.now());
    return new CallSite({
      session,
      slots: connection.scope.calls,
      bucket: connection.scope.bucket,
      lane: at.lane,
      clock,
      signal,
      traceparent: at.span.traceparent,
      owns,
      mayProceed: () => {
        if (!owns()) throw new OwnershipLost('The SP connection has another owner by now.');
        at.mayProceed();
      },
    });
  }

  /** A throttled scope waits as a whole, exactly as long as the target said. */
  #throttle(connection: Connection, outcome: { kind: string } | CallOutcome, nextAttemptAt: number): void {
    if (outcome.kind !== 'retryable' || !('throttled' in outcome) || outcome.throttled !== true) return;
    const now = this.#p.clock.now();
    const until =
      outcome.retryAfterMs === undefined
        ? Math.max(nextAttemptAt, now + PAUSE_AFTER_TROUBLE_MS)
        : now + outcome.retryAfterMs;
    this.#p.watch.throttled(connection, until);
  }

  async #write(connection: Connection, slot: ObjectSlot, came: Came): Promise<void> {
    if (this.#p.signal.aborted) return;
    if (came.kind === 'edges') await this.#writeEdges(connection, slot, came.ending);
    if (came.kind === 'edges' && came.more) slot.membersDue = true;
    if (came.kind !== 'object') {
      connection.work.finish(slot);
      return;
    }
    const { result, item } = came;
    if (result.kind === 'ended' && item !== undefined)
      await this.#writeObject(connection, slot, { ending: result.ending, item });
    else if (result.kind === 'lost') this.#lost(connection, slot);
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
    const verdict = await this.#p.settlements.add(item);
    if (verdict.kind === 'fenced') {
      this.#lost(connection, slot);
      return;
    }
    const written = verdict.item;
    this.#p.metrics.attempted({
      item: written,
      operation: ending.operation,
      lane: row.lane,
      occurredAt: row.occurredAt,
    });
    const { applied, targetId, targetVersion, createIntended, removedVersion, lastOutcome } = written;
    slot.row = { ...slot.row, applied, targetId, targetVersion, createIntended, removedVersion, lastOutcome };
    slot.intentFresh = false;
    if (written.newLink && targetId !== null) {
      connection.window.linked();
      this.#p.watch.linkChanged(slot);
    }
    if (verdict.current) this.#standing(connection, slot, written);
    // A newer version is in the database that this slot has not been told of yet.
    else if (!slot.stateDue) connection.work.lookAgain();
    connection.work.finish(slot);
  }

  #standing(connection: Connection, slot: ObjectSlot, item: SettleItem): void {
    if (slot.stateDue) return;
    const { state, attempt, failures, firstAttemptAt, nextAttemptAt } = item;
    slot.row = { ...slot.row, state, attempt, failures, firstAttemptAt, nextAttemptAt, holdReleased: false };
    if (state !== 'pending') return;
    if (nextAttemptAt <= this.#p.clock.now()) slot.stateDue = true;
    else connection.work.dueAt(nextAttemptAt);
  }

  async #writeEdges(connection: Connection, slot: ObjectSlot, ending: EdgeEnding): Promise<void> {
    const { edges, clock } = this.#p;
    if (ending.targetVersion !== undefined) slot.row = { ...slot.row, targetVersion: ending.targetVersion };
    await edges.settle(connection.fence, ending.edges, ending.records, clock.now());
    this.#p.metrics.edgesSent(ending.answer.kind, ending.operation);
    if (ending.answer.kind === 'vanished') await this.#relink(connection, slot);
    if (ending.retryAt !== undefined)
      connection.edgesRetryAt = Math.min(connection.edgesRetryAt ?? ending.retryAt, ending.retryAt);
  }

  /** The group or account that the edges belong to is gone: it is planned for again without a link. */
  async #relink(connection: Connection, slot: ObjectSlot): Promise<void> {
    const verdict = await this.#p.settlements.add(forgottenLink(slot.row, connection.fence, this.#p.clock.now()));
    if (verdict.kind === 'fenced') throw new OwnershipLost('The SP connection has another owner by now.');
    connection.window.unlinked();
    slot.row = { ...slot.row, applied: null, targetId: null, targetVersion: null };
    slot.stateDue = true;
  }

  #lost(connection: Connection, slot: ObjectSlot): void {
    connection.work.drop(slot);
    this.#p.watch.lost(connection);
  }

  /** Trouble of ours, such as a database that is away: the database says later what is to be done. */
  #troubled(connection: Connection, slot: ObjectSlot, error: unknown): void {
    if (error instanceof OwnershipLost || error instanceof FencedError) {
      this.#lost(connection, slot);
      return;
    }
    const now = this.#p.clock.now();
    if (error instanceof ScopeWaits) {
      connection.edgesRetryAt = Math.min(connection.edgesRetryAt ?? error.until, error.until);
    } else {
      this.#p.log.error('An attempt could not be carried through', {
        err: error,
        spConnection: connection.name,
        objectId: slot.row.objectId,
      });
      connection.edgesRetryAt = now + PAUSE_AFTER_TROUBLE_MS;
    }
    connection.edgesLookAtAll = true;
    connection.work.drop(slot);
    connection.work.dueAt(now + PAUSE_AFTER_TROUBLE_MS);
  }
}

function answerOf(came: Came): CallOutcome | undefined {
  if (came.kind === 'edges') return came.ending.answer;
  return came.kind === 'object' && came.result.kind === 'ended' ? came.result.ending.answer : undefined;
}

/** Nothing was done for the object, because it is not known what its target can do. */
const undescribed = (slot: ObjectSlot, outcome: CallOutcome): AttemptEnding => ({
  state: stateOf(slot.row, { intentFresh: slot.intentFresh }),
  operation: 'none',
  changed: [],
  outcome,
  answer: outcome,
  created: false,
  gone: false,
});

function expectVersion(slot: ObjectSlot, version: { sequence: number; config: number }): void {
  const { sequence, config } = slot.row.version;
  if (sequence !== version.sequence || config !== version.config)
    throw new DesiredAnew('A newer desired state came before the call was made.');
}

const membersPerCall = (session: TargetSession | undefined): number =>
  session?.description?.maxMembersPerCall ?? MEMBERS_PER_CALL;
const isWell = (kind: string): boolean => kind === 'applied' || kind === 'unchanged' || kind === 'skipped';
