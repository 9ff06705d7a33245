import type { CallContext, CallOutcome, CreateRequest } from '@provisor/provisioning';
import { outcomeOf } from '../codes.js';
import type { HttpAnswer } from '../http/http-answer.js';
import type { VendorProfile } from '../profile/vendor-profile.js';
import { buildResource } from '../resource/build-resource.js';
import { getIgnoringCase, isRecord, textOf, type Json } from '../resource/json.js';
import { isOutcome, resourceOf, unsupportedType, type ScimSession } from '../scim-session.js';
import { secretsOf } from './secrets-of.js';
import { versionFrom } from './version-from.js';

/**
 * POST (RFC 7644 §3.3) with the object's id as `externalId`. Only a 201, or a 200 that shows the account asked for, with an `id`
 * counts as created; any other success is ambiguous and is looked up by the dispatcher, as is a 409.
 */
export async function createAccount(
  session: ScimSession,
  request: CreateRequest,
  context: CallContext,
): Promise<CallOutcome> {
  const profile = await session.profile(context);
  if (isOutcome(profile)) return profile;
  const refused = unsupportedType(profile, request.objectType);
  if (refused !== undefined) return refused;
  const { endpoint, unsupported } = resourceOf(profile, request.objectType);
  const body = buildResource({
    objectType: request.objectType,
    externalId: request.objectId,
    active: request.active,
    attributes: request.attributes,
    unsupported,
    ...(request.references === undefined ? {} : { references: request.references }),
  });
  const how = { operation: 'create' as const, secrets: secretsOf(request.attributes) };
  const reply = await session.send({ method: 'POST', path: endpoint, route: endpoint, body }, how, context);
  return reply.ok ? readCreated(reply.answer, body, profile) : reply.classified.outcome;
}

function readCreated(answer: HttpAnswer, asked: Json, profile: VendorProfile): CallOutcome {
  const { status: httpStatus, json } = answer;
  const unclear = { httpStatus, ambiguous: true } as const;
  if (httpStatus === 202)
    return outcomeOf('scim.pending', { ...unclear, cause: 'HTTP 202: accepted, to be carried out later.' });
  if (!isRecord(json))
    return outcomeOf('scim.not-scim', { ...unclear, cause: `HTTP ${httpStatus} without a JSON object.` });
  const targetId = textOf(getIgnoringCase(json, 'id'));
  if (targetId === undefined || targetId === '' || (httpStatus !== 201 && !shows(json, asked))) {
    return outcomeOf('scim.created-without-id', {
      ...unclear,
      cause: `HTTP ${httpStatus} does not show the account with its id.`,
    });
  }
  return outcomeOf('scim.ok', { targetId, httpStatus, targetVersion: versionFrom(answer, profile) });
}

/** Does the answer show what was asked for, rather than some other account or a message? */
function shows(json: Json, asked: Json): boolean {
  const key = asked.userName === undefined ? 'displayName' : 'userName';
  const [shown, sent] = [textOf(getIgnoringCase(json, key)), textOf(asked[key])];
  return shown !== undefined && sent !== undefined && shown.toLowerCase() === sent.toLowerCase();
}
