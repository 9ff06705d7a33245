import type { CallContext, CallOutcome, MembersOutcome, MembersRequest } from '@provisor/provisioning';
import { versionFrom } from '../account/version-from.js';
import { ambiguous, outcomeOf } from '../codes.js';
import type { HttpAnswer } from '../http/http-answer.js';
import { patchBodies } from '../patch/build-patch.js';
import type { VendorProfile } from '../profile/vendor-profile.js';
import { isOutcome, resourceRequest, unsupportedType, type Reply, type ScimSession } from '../scim-session.js';
import { membersOperations, withMembers, type MemberChange } from './members-patch.js';

/** Requests to isolate refused members in one call; a chunk of a thousand with a few bad ones needs some dozens. */
const MAX_REQUESTS = 200;

interface Work {
  readonly session: ScimSession;
  readonly profile: VendorProfile;
  readonly group: string;
  readonly context: CallContext;
  readonly refused: Map<string, CallOutcome>;
  /** Object ids of the members that have been changed. */
  readonly changed: Set<string>;
  requests: number;
  groupSeen: boolean;
}

/**
 * Changes members by add and remove, never by replacing them all. Targets refuse a whole request for one unknown member: a refused
 * chunk is halved until the members at fault are alone. What ends all of it (throttling, an outage, a vanished group) is the outcome
 * of the call; repeating what was applied before changes nothing.
 */
export async function changeMembers(
  session: ScimSession,
  request: MembersRequest,
  context: CallContext,
): Promise<MembersOutcome> {
  const refused = new Map<string, CallOutcome>();
  const profile = await session.profile(context);
  if (isOutcome(profile)) return { outcome: profile, refused };
  const unsupported = unsupportedType(profile, 'group');
  if (unsupported !== undefined) return { outcome: unsupported, refused };
  const changes: MemberChange[] = [
    ...request.remove.map((member) => ({ kind: 'remove' as const, member })),
    ...request.add.map((member) => ({ kind: 'add' as const, member })),
  ];
  if (changes.length === 0)
    return { outcome: outcomeOf('scim.unchanged', { targetId: request.groupTargetId }), refused };
  const work: Work = {
    session,
    profile,
    group: request.groupTargetId,
    context,
    refused,
    changed: new Set(),
    requests: 0,
    groupSeen: false,
  };
  const outcome = await apply(work, changes);
  // What was changed before the end of it all has not to be changed again.
  if (endsAll(outcome))
    for (const objectId of work.changed) refused.set(objectId, outcomeOf('scim.ok', { targetId: work.group }));
  return { outcome, refused };
}

/** Largest number of members in one request, as far as known. */
export const membersPerRequest = (session: ScimSession, profile: VendorProfile): number =>
  Math.min(profile.groups.maxMembersPerPatch, session.learnt.maxMembers);

async function apply(work: Work, changes: readonly MemberChange[]): Promise<CallOutcome> {
  const most = membersPerRequest(work.session, work.profile);
  let outcome: CallOutcome = outcomeOf('scim.ok', { targetId: work.group });
  for (let from = 0; from < changes.length; from += most) {
    outcome = await applyChunk(work, changes.slice(from, from + most));
    if (endsAll(outcome)) return outcome;
  }
  return outcome;
}

async function applyChunk(work: Work, changes: readonly MemberChange[]): Promise<CallOutcome> {
  if (work.requests >= MAX_REQUESTS) return postpone(work, changes);
  const reply = await send(work, changes);
  if (reply.ok) {
    for (const { member } of changes) work.changed.add(member.objectId);
    return outcomeOf('scim.ok', { targetId: work.group, httpStatus: reply.answer.status });
  }
  const { outcome, replan } = reply.classified;
  const tooLarge = replan === 'smaller';
  if (tooLarge && changes.length > 1) work.session.learnt.maxMembers = Math.ceil(changes.length / 2);
  const blamed = outcome.kind === 'rejected' || tooLarge || (outcome.kind === 'vanished' && (await groupExists(work)));
  if (!blamed) return outcome;
  if (changes.length === 1) return refuse(work, changes, outcome);
  const middle = Math.ceil(changes.length / 2);
  const first = await applyChunk(work, changes.slice(0, middle));
  return endsAll(first) ? first : applyChunk(work, changes.slice(middle));
}

/** One chunk, by PATCH, or by PUT where PATCH is not offered. */
async function send(work: Work, changes: readonly MemberChange[]): Promise<Reply> {
  const { session, profile } = work;
  if (profile.update.verb === 'put' || session.learnt.put) return put(work, changes);
  const reply = await patch(work, changes);
  if (reply.ok || reply.classified.replan !== 'put') return reply;
  session.learnt.put = true;
  return put(work, changes);
}

/** Many requests where the style demands it; each one is repeatable. */
async function patch(work: Work, changes: readonly MemberChange[]): Promise<Reply> {
  const { session, profile, group, context } = work;
  const target = resourceRequest(profile, 'group', group);
  const [first, ...rest] = patchBodies(membersOperations(changes, profile), { ...profile.update, maxOps: 0 });
  work.requests += 1;
  let reply = await session.send({ method: 'PATCH', ...target, body: first }, { operation: 'members' }, context);
  for (const body of rest) {
    if (!reply.ok) return reply;
    work.requests += 1;
    reply = inPart(await session.send({ method: 'PATCH', ...target, body }, { operation: 'members' }, context));
  }
  return reply;
}

/** The requests before this one have had their effect. */
function inPart(reply: Reply): Reply {
  if (reply.ok) return reply;
  return { ok: false, classified: { ...reply.classified, outcome: ambiguous(reply.classified.outcome) } };
}

/** The whole group as it is, with these members changed: all that a target without PATCH leaves. */
async function put(work: Work, changes: readonly MemberChange[]): Promise<Reply> {
  const { session, profile, group, context } = work;
  const target = resourceRequest(profile, 'group', group);
  const current = await session.send({ method: 'GET', ...target }, { operation: 'members' }, context);
  work.requests += 1;
  if (!current.ok) return current;
  const body = withMembers(current.answer.json, changes, profile);
  work.requests += 1;
  return session.send(
    { method: 'PUT', ...target, body, ifMatch: ifMatch(current.answer, work) },
    { operation: 'members' },
    context,
  );
}

const ifMatch = (answer: HttpAnswer, { profile, session }: Work): string | undefined =>
  profile.etag === 'ifMatch' || session.learnt.ifMatch
    ? versionFrom(answer, { ...profile, etag: 'ifMatch' })
    : undefined;

/** 404 may mean the group or a member; asked once. */
async function groupExists(work: Work): Promise<boolean> {
  if (work.groupSeen) return true;
  const target = resourceRequest(work.profile, 'group', work.group);
  const query = { excludedAttributes: 'members' };
  const reply = await work.session.send({ method: 'GET', ...target, query }, { operation: 'read' }, work.context);
  work.groupSeen = reply.ok;
  return reply.ok;
}

/** A member that is not there to be removed is removed. */
function refuse(work: Work, [change]: readonly MemberChange[], outcome: CallOutcome): CallOutcome {
  const gone = change?.kind === 'remove' && outcome.kind === 'vanished';
  if (change !== undefined && !gone) work.refused.set(change.member.objectId, asRejected(outcome));
  return outcomeOf('scim.ok', { targetId: work.group });
}

/** For a member, "not found" is about the member's own link, not about the group's. */
const asRejected = (outcome: CallOutcome): CallOutcome =>
  outcome.kind === 'vanished' || outcome.kind === 'rejected'
    ? outcomeOf('scim.invalid', { cause: outcome.cause ?? outcome.code, httpStatus: outcome.httpStatus })
    : outcome;

function postpone(work: Work, changes: readonly MemberChange[]): CallOutcome {
  const outcome = outcomeOf('scim.members-postponed', {
    cause: `More than ${MAX_REQUESTS} requests to isolate refused members.`,
  });
  for (const { member } of changes) work.refused.set(member.objectId, outcome);
  return outcomeOf('scim.ok', { targetId: work.group });
}

const endsAll = (outcome: CallOutcome): boolean => outcome.kind !== 'applied' && outcome.kind !== 'unchanged';
