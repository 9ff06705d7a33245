import type { CallContext, CallOutcome, LookupAnswer, ReadRequest, RemoveRequest } from '@provisor/provisioning';
import type { HttpAnswer } from '../http/http-answer.js';
import { outcomeOf } from '../codes.js';
import { readAccount, readMembers } from '../resource/read-resource.js';
import { isOutcome, resourceRequest, type ReadSession } from '../scim-session.js';

export type SingleAnswer =
  { readonly ok: true; readonly answer: HttpAnswer } | { readonly ok: false; readonly outcome: CallOutcome };

/** GET of one account or group by its id, without its members unless they are asked for. */
export async function getSingle(
  session: ReadSession,
  request: RemoveRequest & Pick<ReadRequest, 'members'>,
  context: CallContext,
): Promise<SingleAnswer> {
  const profile = await session.profile(context);
  if (isOutcome(profile)) return { ok: false, outcome: profile };
  const target = resourceRequest(profile, request.objectType, request.targetId);
  const query: Record<string, string> =
    request.objectType === 'group' && request.members !== true ? { excludedAttributes: 'members' } : {};
  const reply = await session.send({ method: 'GET', ...target, query }, { operation: 'read' }, context);
  return reply.ok ? reply : { ok: false, outcome: reply.classified.outcome };
}

/** One account or group as the target shows it. A group whose members are too many for one answer comes without them. */
export async function readSingle(
  session: ReadSession,
  request: ReadRequest,
  context: CallContext,
): Promise<LookupAnswer> {
  const reply = await getSingle(session, request, context);
  if (!reply.ok && reply.outcome.code === 'http.answer-too-large' && request.members === true) {
    const without = await readSingle(session, { ...request, members: false }, context);
    return without.kind === 'found' ? { kind: 'found', account: { ...without.account, members: 'unread' } } : without;
  }
  if (!reply.ok)
    return reply.outcome.kind === 'vanished' ? { kind: 'none' } : { kind: 'failed', outcome: reply.outcome };
  const { json, status: httpStatus } = reply.answer;
  const account = readAccount(json, request.paths, request.references);
  const members = request.members === true ? readMembers(json) : undefined;
  if (account?.targetId === request.targetId)
    return { kind: 'found', account: { ...account, ...(members === undefined ? {} : { members }) } };
  const cause = 'The answer is not the account that was asked for.';
  return { kind: 'failed', outcome: outcomeOf('scim.not-scim', { cause, httpStatus }) };
}
