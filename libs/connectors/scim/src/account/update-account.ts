import { isDeepStrictEqual } from 'node:util';
import type { CallContext, CallOutcome, UpdateRequest } from '@provisor/provisioning';
import { ambiguous, outcomeOf } from '../codes.js';
import type { Classified, Replan } from '../http/classify-answer.js';
import type { HttpAnswer } from '../http/http-answer.js';
import { accountChange, overlay, type AccountChange } from '../patch/account-change.js';
import { buildPatch, needsWhole, patchBodies } from '../patch/build-patch.js';
import type { VendorProfile } from '../profile/vendor-profile.js';
import { schemasOf } from '../resource/build-resource.js';
import { isRecord, type Json } from '../resource/json.js';
import {
  isOutcome,
  resourceOf,
  resourceRequest,
  unsupportedType,
  type Reply,
  type ScimSession,
} from '../scim-session.js';
import { deleteResource } from './delete-resource.js';
import { secretsOf } from './secrets-of.js';
import { versionFrom } from './version-from.js';

/** Everything that one update needs to know; `version` is what the next write is guarded with. */
interface Update {
  readonly session: ScimSession;
  readonly profile: VendorProfile;
  readonly request: UpdateRequest;
  readonly change: AccountChange;
  readonly context: CallContext;
  version: string | undefined;
  /** Write attributes whole, having learnt that paths into them are refused. */
  whole: boolean;
}

/** After so many concurrent changes by others the object waits for its next attempt. */
const MAX_REREADS = 3;

/** Writes a minimal difference by PATCH, or by PUT where PATCH is not offered. No request for an empty one. */
export async function updateAccount(
  session: ScimSession,
  request: UpdateRequest,
  context: CallContext,
): Promise<CallOutcome> {
  const profile = await session.profile(context);
  if (isOutcome(profile)) return profile;
  const refused = unsupportedType(profile, request.objectType) ?? disableRefusal(profile, request);
  if (refused !== undefined) return refused;
  if (request.active === false && request.objectType === 'user' && profile.deprovision.disable === 'delete') {
    return deleteResource(session, profile, request, context);
  }
  const { unsupported, immutable } = resourceOf(profile, request.objectType);
  const change = accountChange(request, [...unsupported, ...immutable]);
  if (change.changes.length === 0 && change.active === undefined) {
    return outcomeOf('scim.unchanged', { targetId: request.targetId });
  }
  return write({
    session,
    profile,
    request,
    change,
    context,
    version: request.targetVersion,
    whole: session.learnt.wholeAttributes,
  });
}

function disableRefusal(
  { deprovision }: VendorProfile,
  { active, objectType }: UpdateRequest,
): CallOutcome | undefined {
  const refused = objectType === 'user' && active === false && deprovision.disable === 'unsupported';
  return refused ? outcomeOf('scim.disable-unsupported') : undefined;
}

/** Writes, and with what a refusal teaches writes once more; each lesson counts once, a fresh read a few times. */
async function write(update: Update): Promise<CallOutcome> {
  const tried = new Set<Replan>();
  for (let rereads = 0; ;) {
    const result = usesPut(update) ? await put(update) : await patch(update);
    if (!('replan' in result)) return result;
    const { outcome, replan } = result;
    if (replan === 'reread') {
      rereads += 1;
      if (rereads > MAX_REREADS) return outcome;
    } else if (tried.has(replan)) return outcome;
    tried.add(replan);
    const amended = await amend(update, result);
    if (amended !== true) return amended === false ? outcome : amended;
  }
}

type Refused = Classified & { readonly replan: Replan };

/** True: write again. False: nothing else can be tried. */
async function amend(update: Update, { replan, scimType }: Refused): Promise<boolean | CallOutcome> {
  const { learnt } = update.session;
  switch (replan) {
    case 'put':
      if (usesPut(update)) return false;
      learnt.put = true;
      return true;
    case 'whole-attribute':
      if (!canWriteWhole(update)) return false;
      update.whole = true;
      learnt.wholeAttributes ||= scimType?.toLowerCase() === 'invalidpath';
      return true;
    case 'if-match':
    case 'reread': {
      learnt.ifMatch ||= replan === 'if-match';
      const current = await read(update);
      return current.kind === 'failed' ? current.outcome : true;
    }
    default:
      return false;
  }
}

const canWriteWhole = (update: Update): boolean =>
  !usesPut(update) &&
  !update.whole &&
  update.change.changes.some(({ path }) => path.element !== undefined || path.sub !== undefined);

const usesPut = ({ session, profile, change }: Update): boolean =>
  profile.update.verb === 'put' ||
  session.learnt.put ||
  (change.active !== undefined && profile.deprovision.disable === 'putActive');

async function patch(update: Update): Promise<CallOutcome | Refused> {
  const style = update.whole ? wholeStyle(update) : update.profile.update;
  let current: Json | undefined;
  if (update.change.changes.some((change) => needsWhole(change, style))) {
    const answer = await read(update);
    if (answer.kind === 'failed') return answer.outcome;
    current = answer.resource;
  }
  const bodies = patchBodies(buildPatch(update.change, style, current), style);
  let last: HttpAnswer | undefined;
  for (const body of bodies) {
    const reply = await send(update, 'PATCH', body);
    if (!reply.ok) return last === undefined ? refusal(reply) : inPart(refusal(reply));
    last = reply.answer;
    update.version = versionFrom(last, update.profile);
  }
  return last === undefined ? outcomeOf('scim.unchanged', { targetId: update.request.targetId }) : done(update, last);
}

/** No paths into attributes at all: each touched attribute is written as it should be afterwards. */
function wholeStyle({ profile, change }: Update): VendorProfile['update'] {
  const touched = change.changes.map(({ path }) =>
    path.extension === undefined ? path.attribute : `${path.extension}:${path.attribute}`,
  );
  return { ...profile.update, valuePathFilters: false, complexWhole: touched };
}

/** GET, overlay what is managed, keep everything else, PUT (RFC 7644 §3.5.1). */
async function put(update: Update): Promise<CallOutcome | Refused> {
  const { request, change } = update;
  const current = await read(update);
  if (current.kind === 'failed') return current.outcome;
  const wanted = overlay(current.resource, change);
  if (isDeepStrictEqual(current.resource, wanted)) return outcomeOf('scim.unchanged', { targetId: request.targetId });
  delete wanted.meta;
  if (request.objectType === 'user') delete wanted.groups;
  wanted.schemas = schemasOf(request.objectType, wanted);
  const reply = await send(update, 'PUT', wanted);
  return reply.ok ? done(update, reply.answer) : refusal(reply);
}

type ReadAnswer =
  { readonly kind: 'resource'; readonly resource: Json } | { readonly kind: 'failed'; readonly outcome: CallOutcome };

/** The resource as it is now; its version guards the next write. */
async function read(update: Update): Promise<ReadAnswer> {
  const { session, profile, request, context } = update;
  const target = resourceRequest(profile, request.objectType, request.targetId);
  const reply = await session.send({ method: 'GET', ...target }, { operation: 'read' }, context);
  if (!reply.ok) return { kind: 'failed', outcome: reply.classified.outcome };
  const { json, status } = reply.answer;
  if (!isRecord(json)) {
    const outcome = outcomeOf('scim.not-scim', { httpStatus: status, cause: `HTTP ${status} without a JSON object.` });
    return { kind: 'failed', outcome };
  }
  update.version = versionFrom(reply.answer, session.learnt.ifMatch ? { ...profile, etag: 'ifMatch' } : profile);
  return { kind: 'resource', resource: json };
}

function send(update: Update, method: 'PATCH' | 'PUT', body: Json): Promise<Reply> {
  const { session, profile, request, context, version } = update;
  const guarded = profile.etag === 'ifMatch' || session.learnt.ifMatch;
  const target = resourceRequest(profile, request.objectType, request.targetId);
  const secrets = secretsOf(request.set);
  return session.send(
    { method, ...target, body, ifMatch: guarded ? version : undefined },
    { operation: 'update', secrets },
    context,
  );
}

function refusal({ classified }: Extract<Reply, { ok: false }>): CallOutcome | Refused {
  const { replan } = classified;
  return replan === undefined ? classified.outcome : { ...classified, replan };
}

/** The requests before this one have had their effect. */
function inPart(refused: CallOutcome | Refused): CallOutcome | Refused {
  if ('replan' in refused) return { ...refused, outcome: ambiguous(refused.outcome) };
  return ambiguous(refused);
}

function done({ request, profile }: Update, answer: HttpAnswer): CallOutcome {
  if (answer.status === 202)
    return outcomeOf('scim.pending', {
      ...{ httpStatus: 202, ambiguous: true },
      cause: 'HTTP 202: accepted, to be carried out later.',
    });
  return outcomeOf('scim.ok', {
    targetId: request.targetId,
    httpStatus: answer.status,
    targetVersion: versionFrom(answer, profile),
  });
}
