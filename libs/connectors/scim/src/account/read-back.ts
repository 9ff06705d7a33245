import type { CallContext, RemoveRequest, SeenAccount } from '@provisor/provisioning';
import { getIgnoringCase, isRecord } from '../resource/json.js';
import { readAccount } from '../resource/read-resource.js';
import type { ScimSession } from '../scim-session.js';
import { getSingle } from './read-single.js';

/** Reads one account or group by its id, as far as it takes to see whether it was removed. */
export async function readBack(
  session: ScimSession,
  request: RemoveRequest,
  context: CallContext,
): Promise<SeenAccount> {
  const reply = await getSingle(session, request, context);
  if (!reply.ok) {
    const { kind, code, cause, httpStatus } = reply.outcome;
    const status = httpStatus === undefined ? {} : { httpStatus };
    return kind === 'vanished'
      ? { kind: 'absent', ...status }
      : { kind: 'unreadable', cause: cause ?? code, ...status };
  }
  const { status: httpStatus, json } = reply.answer;
  const account = readAccount(json, []);
  if (account?.targetId !== request.targetId)
    return { kind: 'unreadable', cause: 'The answer is not the account that was asked for.', httpStatus };
  if (request.objectType === 'group') return { kind: 'active', httpStatus };
  if (!isRecord(json) || getIgnoringCase(json, 'active') === undefined)
    return { kind: 'unreadable', cause: 'The target does not show whether the account is active.', httpStatus };
  return { kind: account.active ? 'active' : 'inactive', httpStatus };
}
