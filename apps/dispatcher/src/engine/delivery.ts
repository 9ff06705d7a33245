import type { Lane } from '@provisor/contracts';
import type { WaitingEdge } from '@provisor/persistence';
import type { CallOutcome } from '@provisor/provisioning';
import { withSpan, type ActiveSpan } from '@provisor/telemetry';
import { CallSite, DesiredAnew, OwnershipLost } from '../delivery/call-site.js';
import { sendReferences } from '../delivery/edge-attempt.js';
import { sendGuardedMemberships } from '../delivery/guarded-memberships.js';
import type { AttemptEnding, AttemptResult } from '../delivery/attempt-ending.js';
import { describeTarget } from '../delivery/describe-target.js';
import { ObjectAttempt } from '../delivery/object-attempt.js';
import type { ValueOpener } from '../delivery/opened-attributes.js';
import { settlementOf } from '../delivery/settlement.js';
import { stateOf } from '../delivery/target-object-state.js';
import type { TargetSession } from '../delivery/target-session.js';
import type { Connection } from './connection.js';
import type { EdgePort, GuardPort } from './dispatch-stores.js';
import type { MembersDue, ObjectSlot } from './object-slot.js';
import { isUrgent, OutcomeWriter, type Came, type OutcomeWriterParts } from './outcome-writer.js';
import { throttledUntil } from './throttle.js';

export interface DeliveryParts extends OutcomeWriterParts {
  readonly edges: EdgePort;
  readonly guards: GuardPort | undefined;
  readonly open: ValueOpener;
  readonly random: () => number;
}

const SHORTEST_PAUSE_MS = 1_000;

/** Carries attempts through: calls, then the writing of what they came to, then the object's next work. */
export class Delivery {
  readonly #p: DeliveryParts;
  readonly #writer: OutcomeWriter;

  constructor(parts: DeliveryParts) {
    this.#p = parts;
    this.#writer = new OutcomeWriter(parts);
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
      .then((came) => this.#writer.write(connection, slot, came))
      .catch((error: unknown) => this.#writer.troubled(connection, slot, error))
      .finally(() => {
        connection.unsettled -= 1;
        this.#p.watch.settled(connection);
      });
  }

  async #calls(connection: Connection, slot: ObjectSlot, session: TargetSession): Promise<Came> {
    const { row } = slot;
    const what = slot.stateDue ? 'state' : slot.membersDue !== undefined ? 'members' : 'references';
    const known = slot.membersDue;
    if (what === 'members') slot.membersDue = undefined;
    else slot[`${what}Due`] = false;
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
          : this.#edgeCalls({ connection, slot, session, span, known }, what, edges),
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
    const { batches, open, clock, watch } = this.#p;
    return new ObjectAttempt({
      slot,
      session,
      site,
      window: connection.window,
      fence: connection.fence,
      recordIntent: (item) => batches.intents.add({ item, urgent: isUrgent(slot) }),
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
    const { edges, batches, clock } = this.#p;
    const owner = { spConnection: connection.name, objectId: slot.row.objectId };
    return what === 'members'
      ? edges.membershipsOf(owner, connection.membersPerCall, clock.now())
      : batches.references.add(owner);
  }

  async #edgeCalls(
    at: {
      connection: Connection;
      slot: ObjectSlot;
      session: TargetSession;
      span: ActiveSpan;
      known: MembersDue | undefined;
    },
    what: 'members' | 'references',
    edges: readonly WaitingEdge[],
  ): Promise<Came> {
    const { connection, slot, session, span, known } = at;
    const { clock, random } = this.#p;
    const site = this.#site(connection, session, { lane: slot.row.lane, span, mayProceed: () => undefined });
    const parts = { owner: slot.row, site, retry: session.policy.retry, clock, random, trace: span };
    const guard = {
      fence: connection.fence,
      guard: session.policy.guard,
      windows: connection.window,
      store: this.#p.guards,
    };
    const ending =
      what === 'members' ? await sendGuardedMemberships(parts, edges, guard) : await sendReferences(parts, edges);
    const { answer } = ending;
    span.set({ 'provisor.outcome': answer?.kind ?? 'held', 'provisor.edges': edges.length });
    if (answer !== undefined && !isWell(answer.kind)) span.fail(answer.code);
    if (answer !== undefined) this.#throttle(connection, answer, clock.now() + SHORTEST_PAUSE_MS);
    // A chunk that is not full was everything.
    const more = known !== undefined && edges.length >= connection.membersPerCall;
    return {
      kind: 'edges',
      ending,
      ...(more ? { rest: { edges: Math.max(1, known.edges - edges.length), lane: known.lane } } : {}),
    };
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
      observed: (targetMs) => connection.scope.observed(targetMs),
      lane: at.lane,
      spConnection: connection.name,
      clock,
      signal,
      traceparent: at.span.traceparent,
      owns,
      mayProceed: () => {
        if (!owns()) throw new OwnershipLost('The lease on the SP connection has lapsed.');
        at.mayProceed();
      },
    });
  }

  /** A throttled scope waits as a whole, exactly as long as the target said. */
  #throttle(connection: Connection, outcome: { kind: string } | CallOutcome, nextAttemptAt: number): void {
    const now = this.#p.clock.now();
    const until = throttledUntil(outcome, { now, unsaid: Math.max(nextAttemptAt, now + SHORTEST_PAUSE_MS) });
    if (until !== undefined) this.#p.watch.throttled(connection, until);
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
  references: [],
  created: false,
  gone: false,
});

function expectVersion(slot: ObjectSlot, version: { sequence: number; config: number }): void {
  const { sequence, config } = slot.row.version;
  if (sequence !== version.sequence || config !== version.config)
    throw new DesiredAnew('A newer desired state came before the call was made.');
}

const isWell = (kind: string): boolean => kind === 'applied' || kind === 'unchanged' || kind === 'skipped';
