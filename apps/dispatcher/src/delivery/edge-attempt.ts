import { createHash } from 'node:crypto';
import type { Operation, Policy, ProvisioningResult } from '@provisor/contracts';
import type { Clock } from '@provisor/host';
import {
  MEMBER,
  NEVER,
  type OutgoingRecordLike,
  type SettledEdge,
  type TargetObject,
  type WaitingEdge,
} from '@provisor/persistence';
import { settle, type CallOutcome, type MemberReference } from '@provisor/provisioning';
import { ScopeWaits } from '../engine/token-bucket.js';
import { DesiredAnew, OwnershipLost, type CallSite } from './call-site.js';
import { explained, resultBase, resultId, resultRecord } from './result-record.js';

export interface EdgeAttemptParts {
  /** The group whose members, or the object whose references are sent. It is linked. */
  readonly owner: TargetObject;
  readonly site: CallSite;
  readonly retry: Policy['retry'];
  readonly clock: Pick<Clock, 'now'>;
  readonly random: () => number;
  readonly trace: { readonly traceId: string; readonly traceparent: string };
}

export interface EdgeEnding {
  readonly edges: readonly SettledEdge[];
  readonly records: readonly OutgoingRecordLike[];
  /** What the call came to as a whole; absent where none was made. */
  readonly answer?: CallOutcome;
  readonly operation: Operation;
  readonly targetVersion?: string;
  /** When the next edge that failed is tried again; absent where none is. */
  readonly retryAt?: number;
}

/** Sends one chunk of memberships of a group. */
export async function sendMemberships(parts: EdgeAttemptParts, edges: readonly WaitingEdge[]): Promise<EdgeEnding> {
  const startedAt = parts.clock.now();
  const reference = (edge: WaitingEdge): MemberReference => ({
    objectId: edge.memberId,
    targetId: edge.memberTargetId,
    type: edge.memberType,
  });
  const request = {
    groupTargetId: parts.owner.targetId ?? '',
    add: edges.filter((edge) => edge.desired).map(reference),
    remove: edges.filter((edge) => !edge.desired).map(reference),
  };
  const answer = await guarded(async () =>
    parts.site.call((connector, context) => connector.changeMembers(request, context)),
  );
  const refused = 'refused' in answer ? answer.refused : new Map<string, CallOutcome>();
  const outcome = 'refused' in answer ? answer.outcome : answer.failed;
  return endingOf(parts, startedAt, {
    answer: outcome,
    each: edges.map((edge) => ({ edge, outcome: refused.get(edge.memberId) ?? outcome })),
  });
}

const ARRIVED: CallOutcome = { kind: 'applied', code: 'read.as-sent' };

/** Sends the references of an object, all of them in one update; those are left out that arrived when their answer was lost. */
export async function sendReferences(parts: EdgeAttemptParts, edges: readonly WaitingEdge[]): Promise<EdgeEnding> {
  const startedAt = parts.clock.now();
  const arrived = await arrivedAmong(parts, edges);
  if ('failed' in arrived)
    return endingOf(parts, startedAt, {
      answer: arrived.failed,
      each: edges.map((edge) => ({ edge, outcome: arrived.failed })),
    });
  const open = edges.filter((edge) => !arrived.has(edge));
  const outcome = open.length === 0 ? ARRIVED : await setReferences(parts, open);
  return endingOf(parts, startedAt, {
    answer: outcome,
    each: edges.map((edge) => ({ edge, outcome: arrived.has(edge) ? ARRIVED : outcome })),
  });
}

/** Where all of them may be there, the account is read. That a reference was cleared cannot be seen for sure. */
async function arrivedAmong(
  { owner, site }: EdgeAttemptParts,
  edges: readonly WaitingEdge[],
): Promise<ReadonlySet<WaitingEdge> | { readonly failed: CallOutcome }> {
  const wanted = valuesOf(edges);
  const cleared = Object.values(wanted).includes(null);
  if (cleared || !edges.every(({ desired, unsure }) => !desired || unsure === true)) return new Set();
  const { objectType, objectId, targetId } = owner;
  const request = { objectType, objectId, targetId: targetId ?? '', paths: [], references: Object.keys(wanted) };
  const answer = await guarded(async () => site.call(async (connector, context) => connector.read?.(request, context)));
  if (answer === undefined) return new Set();
  if ('failed' in answer) return answer;
  if (answer.kind === 'failed' && answer.outcome.kind !== 'rejected') return { failed: answer.outcome };
  const shown = answer.kind === 'found' ? (answer.account.references ?? {}) : {};
  return new Set(edges.filter(({ kind }) => shown[kind] === wanted[kind]));
}

/** What each path is to have in the end: one that gets a new value is not cleared before. */
const valuesOf = (edges: readonly WaitingEdge[]): Record<string, string | null> =>
  Object.fromEntries([
    ...edges.filter((edge) => !edge.desired).map((edge) => [edge.kind, null] as const),
    ...edges.filter((edge) => edge.desired).map((edge) => [edge.kind, edge.otherTargetId] as const),
  ]);

async function setReferences(parts: EdgeAttemptParts, edges: readonly WaitingEdge[]): Promise<CallOutcome> {
  const { owner } = parts;
  const answer = await guarded(async () =>
    parts.site.call((connector, context) =>
      connector.update(
        {
          objectType: owner.objectType,
          objectId: owner.objectId,
          targetId: owner.targetId ?? '',
          set: {},
          clear: [],
          references: valuesOf(edges),
          desired: { active: owner.applied?.presence !== 'disabled', attributes: owner.applied?.attributes ?? {} },
          ...(owner.targetVersion === null ? {} : { targetVersion: owner.targetVersion }),
        },
        context,
      ),
    ),
  );
  return 'failed' in answer ? answer.failed : answer;
}

async function guarded<T>(call: () => Promise<T>): Promise<T | { readonly failed: CallOutcome }> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof ScopeWaits || error instanceof DesiredAnew || error instanceof OwnershipLost) throw error;
    const cause = error instanceof Error ? error.message : String(error);
    return { failed: { kind: 'retryable', code: 'connector.error', cause, ambiguous: true } };
  }
}

/** A member that is gone again and again is refused like any other bad member. */
const MAX_RELINKS = 5;

interface EdgeOutcome {
  readonly edge: WaitingEdge;
  readonly outcome: CallOutcome;
}

function endingOf(
  parts: EdgeAttemptParts,
  startedAt: number,
  came: { answer: CallOutcome; each: readonly EdgeOutcome[] },
): EdgeEnding {
  const now = parts.clock.now();
  // One pause for all of them, so that what was sent together is sent together again.
  const random = parts.random();
  const settled = came.each.map((each) => settledEdge(parts, each, { startedAt, now, random }));
  const retries = settled.flatMap((edge) =>
    edge.failure !== undefined && edge.failure.nextAttemptAt < NEVER ? [edge.failure.nextAttemptAt] : [],
  );
  const { answer } = came;
  return {
    edges: settled,
    records: recordsOf(parts, came.each, { startedAt, now }),
    answer,
    operation: came.each[0] === undefined ? 'none' : operationOf(came.each[0].edge),
    ...('targetVersion' in answer && answer.targetVersion !== undefined ? { targetVersion: answer.targetVersion } : {}),
    ...(retries.length === 0 ? {} : { retryAt: Math.min(...retries) }),
  };
}

function settledEdge(
  { retry }: EdgeAttemptParts,
  { edge, outcome }: EdgeOutcome,
  { startedAt, now, random }: { startedAt: number; now: number; random: number },
): SettledEdge {
  const named = { memberId: edge.memberId, kind: edge.kind, otherId: edge.otherId, desired: edge.desired };
  const firstAttemptAt = edge.firstAttemptAt ?? startedAt;
  const settlement = settle(outcome, { attempt: edge.attempt + 1, firstAttemptAt, now, random }, retry);
  if (settlement.kind === 'done') return { ...named, ends: { member: edge.memberTargetId, other: edge.otherTargetId } };
  // It waits for its connection, or for the object to have an account again, and is due at once then.
  const waits = settlement.kind === 'halt' || (settlement.kind === 'relink' && edge.attempt < MAX_RELINKS);
  return {
    ...named,
    failure: {
      attempt: settlement.kind === 'halt' ? Math.max(1, edge.attempt) : edge.attempt + 1,
      firstAttemptAt,
      nextAttemptAt: settlement.kind === 'retry' ? settlement.at : waits ? now : NEVER,
      // What may have arrived before may have, whatever became of this call.
      ...(edge.unsure === true || (outcome.kind === 'retryable' && outcome.ambiguous === true) ? { unsure: true } : {}),
      ...explained(outcome),
    },
  };
}

/** One result for all edges of an operation that ended alike, and one for each that ended otherwise. */
function recordsOf(
  parts: EdgeAttemptParts,
  each: readonly EdgeOutcome[],
  times: { startedAt: number; now: number },
): OutgoingRecordLike[] {
  const alike = new Map<string, EdgeOutcome[]>();
  for (const one of each) {
    const key = `${operationOf(one.edge)} ${one.outcome.kind} ${one.outcome.code} ${one.outcome.kind === 'rejected' ? one.edge.memberId : ''}`;
    alike.set(key, [...(alike.get(key) ?? []), one]);
  }
  return [...alike.values()].map((group) => resultRecord(edgeResult(parts, group, times), parts.trace.traceparent));
}

function edgeResult(
  { owner, site, trace }: EdgeAttemptParts,
  group: readonly EdgeOutcome[],
  { startedAt, now }: { startedAt: number; now: number },
): ProvisioningResult {
  const [first] = group;
  const outcome: CallOutcome = first?.outcome ?? { kind: 'unchanged', code: 'edges.none' };
  const operation: Operation = first === undefined ? 'none' : operationOf(first.edge);
  const attempt = 1 + Math.max(0, ...group.map(({ edge }) => edge.attempt));
  const ids = group.map(({ edge }) => (edge.kind === MEMBER ? edge.memberId : edge.otherId));
  const retries = outcome.kind === 'retryable' || outcome.kind === 'halted';
  return {
    ...resultBase(owner),
    id: resultId(
      owner,
      `${operation}:${fingerprint(
        group.map(({ edge }) => edge),
        owner.targetId,
      )}:${attempt}`,
    ),
    operation,
    outcome: outcome.kind === 'vanished' ? 'retryable' : outcome.kind,
    terminal: !retries && outcome.kind !== 'vanished',
    ...explained(outcome),
    ...(operation === 'set-reference'
      ? { changed: [...new Set(group.map(({ edge }) => edge.kind))] }
      : { members: { count: ids.length, objectIds: ids.slice(0, 100) } }),
    ...(owner.targetId === null ? {} : { targetId: owner.targetId.slice(0, 1_000) }),
    ...(outcome.httpStatus === undefined ? {} : { httpStatus: outcome.httpStatus }),
    attempt,
    startedAt: new Date(startedAt).toISOString(),
    finishedAt: new Date(now).toISOString(),
    targetMs: site.targetMs,
    requests: site.requests,
    traceId: trace.traceId,
  };
}

const operationOf = (edge: WaitingEdge): Operation =>
  edge.kind !== MEMBER ? 'set-reference' : edge.desired ? 'add-members' : 'remove-members';

/** The same edges with the same number of attempts give the same id. */
export function fingerprint(edges: readonly WaitingEdge[], targetId: string | null): string {
  const names = edges.map((edge) =>
    [edge.memberId, edge.kind, edge.otherId, edge.memberVersion, edge.attempt].join('\n'),
  );
  return createHash('sha256')
    .update([targetId, ...names.sort()].join('\n\n'))
    .digest('base64url')
    .slice(0, 16);
}
