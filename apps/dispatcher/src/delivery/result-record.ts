import { createHash } from 'node:crypto';
import { encodeRecord, provisioningResults, type ProvisioningResult, type Version } from '@provisor/contracts';
import type { OutgoingRecordLike, SupersededVersion, TargetObject } from '@provisor/persistence';
import { traceIdOf } from '@provisor/telemetry';

const SOURCE = '/provisor/dispatcher';
/** Object ids may be longer than a result id; a long one is named by its hash. */
const MAX_ID_PART = 80;

/** A result as a record of its topic. `traceparent` is that of the attempt. */
export function resultRecord(result: ProvisioningResult, traceparent: string | undefined): OutgoingRecordLike {
  const encoded = encodeRecord(provisioningResults, result, {
    id: result.id,
    source: SOURCE,
    time: new Date(result.finishedAt),
    ...(traceparent === undefined ? {} : { traceparent }),
  });
  return { topic: provisioningResults.name, ...encoded };
}

/** The same attempt or decision always has the same id. */
export function resultId(
  object: { readonly spConnection: string; readonly objectId: string; readonly version: Version },
  what: string,
): string {
  const { sequence, config } = object.version;
  return `${object.spConnection}:${shortId(object.objectId)}:${sequence}.${config}:${what}`;
}

const shortId = (id: string): string =>
  id.length <= MAX_ID_PART ? id : createHash('sha256').update(id).digest('base64url');

/** Cuts texts to what a result may carry. */
export function explained(outcome: { code: string; cause?: string | undefined; remedy?: string | undefined }): {
  code: string;
  cause?: string;
  remedy?: string;
} {
  return {
    code: outcome.code.slice(0, 100),
    ...(outcome.cause === undefined ? {} : { cause: outcome.cause.slice(0, 2_000) }),
    ...(outcome.remedy === undefined ? {} : { remedy: outcome.remedy.slice(0, 1_000) }),
  };
}

/** A newer version took over before this one had a terminal result. */
export function supersededRecord(superseded: SupersededVersion, now: number): OutgoingRecordLike {
  const { object, version, by } = superseded;
  const traceId = traceIdOf(object.traceparent ?? undefined);
  return resultRecord(
    {
      id: resultId({ ...object, version }, 'superseded'),
      spConnection: object.spConnection,
      objectId: object.objectId,
      objectType: object.objectType,
      channel: object.channel,
      ...(object.label === null ? {} : { label: object.label }),
      version,
      operation: 'none',
      outcome: 'superseded',
      terminal: true,
      code: 'version.superseded',
      cause: `Version ${by.sequence}.${by.config} took over before this one was applied.`,
      attempt: 0,
      lane: object.lane,
      reason: object.reason,
      occurredAt: new Date(superseded.occurredAt).toISOString(),
      mappedAt: new Date(superseded.mappedAt).toISOString(),
      finishedAt: new Date(now).toISOString(),
      ...(traceId === undefined ? {} : { traceId }),
    },
    object.traceparent ?? undefined,
  );
}

/** A person rejected what a guard had stopped: the account stays as it is. */
export function rejectedHoldRecord(object: TargetObject, now: number): OutgoingRecordLike {
  const traceId = traceIdOf(object.traceparent ?? undefined);
  return resultRecord(
    {
      ...resultBase(object),
      id: resultId(object, String(object.attempt)),
      operation: 'none',
      outcome: 'skipped',
      terminal: true,
      code: 'guard.rejected',
      cause: 'A person rejected the removal that the guard had stopped; the account stays as it is.',
      attempt: object.attempt,
      finishedAt: new Date(now).toISOString(),
      ...(traceId === undefined ? {} : { traceId }),
    },
    object.traceparent ?? undefined,
  );
}

/** A person rejected the end of memberships that the guard had stopped: the members stay in the group. */
export function rejectedMembersRecord(
  group: TargetObject,
  memberIds: readonly string[],
  at: { readonly commandId: string; readonly now: number },
): OutgoingRecordLike {
  return resultRecord(
    {
      ...resultBase(group),
      id: resultId(group, `members-kept:${at.commandId}`),
      operation: 'remove-members',
      outcome: 'skipped',
      terminal: true,
      code: 'guard.rejected',
      cause: 'A person rejected the end of memberships that the guard had stopped; the members stay in the group.',
      members: { count: memberIds.length, objectIds: memberIds.slice(0, 100) },
      attempt: 0,
      finishedAt: new Date(at.now).toISOString(),
    },
    group.traceparent ?? undefined,
  );
}

/** What every result of an object says about it. */
export function resultBase(
  object: TargetObject,
): Pick<
  ProvisioningResult,
  | 'spConnection'
  | 'objectId'
  | 'objectType'
  | 'channel'
  | 'label'
  | 'version'
  | 'lane'
  | 'reason'
  | 'occurredAt'
  | 'mappedAt'
> {
  return {
    spConnection: object.spConnection,
    objectId: object.objectId,
    objectType: object.objectType,
    channel: object.channel,
    ...(object.label === null ? {} : { label: object.label }),
    version: object.version,
    lane: object.lane,
    reason: object.reason,
    occurredAt: new Date(object.occurredAt).toISOString(),
    mappedAt: new Date(object.mappedAt).toISOString(),
  };
}
