import type { OutcomeKind, Policy, ProvisioningResult } from '@provisor/contracts';
import type { Fence, LastOutcome, SettleItem, TargetObject, TargetObjectPhase } from '@provisor/persistence';
import { settle, type CallOutcome } from '@provisor/provisioning';
import { linkedElsewhere, type AttemptEnding, type Decision } from './attempt-ending.js';
import { explained, resultBase, resultId, resultRecord } from './result-record.js';
import { linkColumns } from './target-object-state.js';

export interface SettlementFacts {
  /** The row that the attempt was made for. */
  readonly row: TargetObject;
  readonly fence: Fence;
  readonly retry: Policy['retry'];
  readonly startedAt: number;
  readonly now: number;
  readonly random: number;
  readonly requests: number;
  readonly targetMs: number;
  readonly trace: { readonly traceId: string; readonly traceparent: string };
}

/** Where the object stands after an attempt. */
interface Standing {
  readonly phase: TargetObjectPhase;
  readonly outcome: OutcomeKind;
  readonly cause?: string;
  readonly failures: number;
  readonly nextAttemptAt: number;
}

/** Turns the end of an attempt into what is written: the object's new state and its result, in one item. */
export function settlementOf(ending: AttemptEnding, facts: SettlementFacts): SettleItem {
  const { row, now } = facts;
  const standing = standingAfter(ending.outcome, facts);
  const columns = linkColumns(ending.state);
  const attempt = row.attempt + 1;
  return {
    fence: facts.fence,
    objectId: row.objectId,
    objectType: row.objectType,
    version: row.version,
    state: standing.phase,
    ...columns,
    attempt,
    failures: standing.failures,
    firstAttemptAt: standing.phase === 'pending' ? (row.firstAttemptAt ?? facts.startedAt) : null,
    nextAttemptAt: standing.nextAttemptAt,
    lastOutcome: lastOutcome(ending.outcome, standing, now),
    ...(standing.phase === 'done' ? { appliedAt: now } : {}),
    newLink: ending.created,
    references: ending.references,
    gone: ending.gone,
    ...(ending.outcome.kind === 'held' ? { hold: { how: ending.outcome.how, cause: ending.outcome.cause } } : {}),
    records: (current) => [
      resultRecord(result(ending, facts, { standing, attempt, current }), facts.trace.traceparent),
    ],
    ...(makesWay(ending, standing) ? { makesWay: true } : {}),
    ...(isConflict(ending.outcome) ? { onPassing: () => settlementOf(postponed(ending), facts) } : {}),
    onCollision: (other) => settlementOf(collided(ending, columns.targetId ?? '', row.objectId, other), facts),
  };
}

function standingAfter(
  outcome: CallOutcome | Decision,
  { row, retry, startedAt, now, random }: SettlementFacts,
): Standing {
  const still = { failures: 0, nextAttemptAt: now };
  if (outcome.kind === 'skipped') return { phase: 'skipped', outcome: 'skipped', ...still };
  if (outcome.kind === 'held') return { phase: 'held', outcome: 'held', ...still };
  const call = outcome as CallOutcome;
  const failures = row.failures + 1;
  const settlement = settle(
    call,
    { attempt: failures, firstAttemptAt: row.firstAttemptAt ?? startedAt, now, random },
    retry,
  );
  switch (settlement.kind) {
    case 'done':
      return { phase: 'done', outcome: call.kind === 'applied' ? 'applied' : 'unchanged', ...still };
    case 'retry':
      return { phase: 'pending', outcome: 'retryable', failures, nextAttemptAt: settlement.at };
    case 'failed':
      return {
        phase: 'failed',
        outcome: 'rejected',
        failures,
        nextAttemptAt: now,
        ...(call.kind === 'retryable'
          ? { cause: `Given up after ${retry.giveUpAfter} of attempts. ${call.cause ?? ''}`.trim() }
          : {}),
      };
    case 'halt':
      // The connection's trouble, not this object's: it burns no retries.
      return { phase: 'pending', outcome: 'halted', failures: row.failures, nextAttemptAt: now };
    case 'relink':
      return { phase: 'pending', outcome: 'retryable', failures, nextAttemptAt: now + 1_000 };
  }
}

function lastOutcome(outcome: CallOutcome | Decision, standing: Standing, now: number): LastOutcome {
  const systemic =
    outcome.kind === 'halted' ||
    (outcome.kind === 'retryable' && ((outcome.systemic ?? false) || (outcome.throttled ?? false)));
  return {
    kind: standing.outcome,
    ...explained({ ...outcome, cause: standing.cause ?? outcome.cause }),
    ...('httpStatus' in outcome && outcome.httpStatus !== undefined ? { httpStatus: outcome.httpStatus } : {}),
    ...(systemic ? { systemic } : {}),
    ...(isConflict(outcome) ? { ownerId: outcome.ownerId } : {}),
    at: now,
  };
}

function result(
  ending: AttemptEnding,
  facts: SettlementFacts,
  at: { standing: Standing; attempt: number; current: boolean },
): ProvisioningResult {
  const { outcome } = ending;
  const { standing, attempt, current } = at;
  const terminal = standing.phase === 'done' || standing.phase === 'failed' || standing.phase === 'skipped';
  const targetId = ending.state.link?.targetId ?? facts.row.targetId ?? undefined;
  return {
    ...resultBase(facts.row),
    id: resultId(facts.row, String(attempt)),
    operation: ending.operation,
    outcome: standing.outcome,
    // A version that was overtaken during its attempt has its terminal result already: superseded.
    terminal: terminal && current,
    ...explained({ ...outcome, cause: standing.cause ?? outcome.cause }),
    ...(ending.changed.length === 0 ? {} : { changed: [...ending.changed] }),
    ...(ending.readBack === undefined
      ? {}
      : { readBack: { ...ending.readBack, at: new Date(ending.readBack.at).toISOString() } }),
    ...(targetId === undefined ? {} : { targetId: targetId.slice(0, 1_000) }),
    ...('httpStatus' in outcome && outcome.httpStatus !== undefined ? { httpStatus: outcome.httpStatus } : {}),
    attempt,
    ...(standing.phase === 'pending' && current
      ? { nextAttemptAt: new Date(standing.nextAttemptAt).toISOString() }
      : {}),
    startedAt: new Date(facts.startedAt).toISOString(),
    finishedAt: new Date(facts.now).toISOString(),
    targetMs: facts.targetMs,
    requests: facts.requests,
    traceId: facts.trace.traceId,
  };
}

/** Writes after which another object may have what this one had: a user name, for example. */
const CHANGING = new Set<ProvisioningResult['operation']>(['update', 'disable', 'delete']);

const makesWay = ({ gone, operation }: AttemptEnding, { outcome }: Standing): boolean =>
  gone || (CHANGING.has(operation) && outcome === 'applied');

const isConflict = (outcome: CallOutcome | Decision): outcome is CallOutcome & { readonly ownerId: string } =>
  outcome.kind === 'rejected' && outcome.ownerId !== undefined;

/** The account that stands in the way belongs to an object that has something to do yet. */
const postponed = (ending: AttemptEnding): AttemptEnding => ({
  ...ending,
  outcome: {
    kind: 'retryable',
    code: ending.outcome.code,
    cause: `${ending.outcome.cause ?? ''} That object is not settled yet; it may make way.`.trim(),
  },
});

/** The target answered a create with the id of an account that is linked to another object. */
const collided = (ending: AttemptEnding, targetId: string, objectId: string, other: string): AttemptEnding => ({
  ...ending,
  state: { ...ending.state, link: null, applied: null },
  outcome: linkedElsewhere(targetId, objectId, other),
  changed: [],
  references: [],
  created: false,
});

/** The account was found to be gone while its edges were sent: it is to be planned for again, without a result of its own. */
export function forgottenLink(row: TargetObject, fence: Fence, now: number): SettleItem {
  const item: SettleItem = {
    fence,
    objectId: row.objectId,
    objectType: row.objectType,
    version: row.version,
    state: 'pending',
    createIntended: false,
    applied: null,
    targetId: null,
    targetVersion: null,
    removedVersion: row.removedVersion,
    attempt: row.attempt,
    failures: row.failures,
    firstAttemptAt: row.firstAttemptAt,
    nextAttemptAt: now,
    lastOutcome: {
      kind: 'retryable',
      code: 'target.vanished',
      cause: 'The account is not at the target any more.',
      at: now,
    },
    newLink: false,
    references: [],
    gone: true,
    records: () => [],
    onCollision: () => item,
  };
  return item;
}
