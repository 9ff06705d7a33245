import type { CallContext, CallOutcome, RemoveRequest } from '@provisor/provisioning';
import { outcomeOf } from '../codes.js';
import { isOutcome, unsupportedType, type ScimSession } from '../scim-session.js';
import { deleteResource } from './delete-resource.js';
import { updateAccount } from './update-account.js';

/** DELETE, guarded by what it means at this target; an account that is gone already counts as removed. */
export async function removeAccount(
  session: ScimSession,
  request: RemoveRequest,
  context: CallContext,
): Promise<CallOutcome> {
  const profile = await session.profile(context);
  if (isOutcome(profile)) return profile;
  const refused = unsupportedType(profile, request.objectType);
  if (refused !== undefined) return refused;
  const { deleteSemantics, allowIrreversible } = profile.deprovision;
  if (request.objectType === 'user' && deleteSemantics === 'unsupported') return disable(session, request, context);
  if (request.objectType === 'user' && deleteSemantics === 'irreversible' && !allowIrreversible) {
    return outcomeOf('scim.delete-irreversible');
  }
  return deleteResource(session, profile, request, context);
}

/** Where accounts cannot be deleted, switching them off is all that can be done; gone already is as good. */
async function disable(session: ScimSession, request: RemoveRequest, context: CallContext): Promise<CallOutcome> {
  const change = { ...request, set: {}, clear: [], active: false, desired: { active: false, attributes: {} } };
  const outcome = await updateAccount(session, change, context);
  return outcome.kind === 'vanished'
    ? outcomeOf('scim.already-gone', { cause: outcome.cause ?? '', httpStatus: outcome.httpStatus })
    : outcome;
}
