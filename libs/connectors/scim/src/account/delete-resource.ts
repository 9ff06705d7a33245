import type { CallContext, CallOutcome, RemoveRequest } from '@provisor/provisioning';
import { outcomeOf } from '../codes.js';
import type { VendorProfile } from '../profile/vendor-profile.js';
import { resourceRequest, type ScimSession } from '../scim-session.js';

/** One DELETE without any question asked. */
export async function deleteResource(
  session: ScimSession,
  profile: VendorProfile,
  request: RemoveRequest,
  context: CallContext,
): Promise<CallOutcome> {
  const target = resourceRequest(profile, request.objectType, request.targetId);
  const reply = await session.send({ method: 'DELETE', ...target }, { operation: 'delete' }, context);
  if (reply.ok) return outcomeOf('scim.ok', { httpStatus: reply.answer.status });
  const { outcome } = reply.classified;
  if (outcome.code !== 'scim.operation-missing') return outcome;
  return outcomeOf('scim.delete-unsupported', { cause: outcome.cause ?? '', httpStatus: outcome.httpStatus });
}
