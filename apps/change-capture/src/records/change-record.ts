import { encodeRecord, identityChanges, type EncodedRecord, type IdentityChange } from '@provisor/contracts';
import type { PendingEntry } from '@provisor/persistence';
import type { GroupGraph } from '../names/group-graph.js';
import type { ChangeContent } from '../objects/content-hash.js';

const SOURCE = '/provisor/change-capture';

/** What the record of an entry says, without its number and its times. */
export function contentOf(entry: PendingEntry, groups: GroupGraph): ChangeContent {
  const { objectType, state, dn } = entry;
  if (state === 'deleted') return { objectType, state, dn };
  const nested = groups.withAncestors(entry.memberOf).filter((id) => id !== entry.objectId);
  return {
    objectType,
    state,
    dn,
    enabled: entry.enabled,
    attributes: entry.attributes,
    memberOf: [...entry.memberOf],
    memberOfNested: nested,
    ...(Object.keys(entry.references).length === 0 ? {} : { references: entry.references }),
  };
}

export interface ChangeStamp {
  readonly dataStore: string;
  readonly sequence: number;
  readonly capturedAt: Date;
  readonly traceparent: string;
}

/** The record of identity.changes.v1; its id is made of data store, object and sequence, so that it is the same whenever it is sent. */
export function changeRecord(
  entry: PendingEntry,
  content: ChangeContent,
  stamp: ChangeStamp,
): EncodedRecord & { readonly topic: string } {
  const { dataStore, sequence, capturedAt, traceparent } = stamp;
  const { at, from, snapshot } = entry.occurrence;
  const change: IdentityChange = {
    dataStore,
    objectId: entry.objectId,
    sequence,
    ...content,
    // What has changed is of interest only where there was something before.
    ...(entry.contentHash === null || entry.changed.length === 0 ? {} : { changed: [...entry.changed] }),
    snapshot,
    occurredAt: at.toISOString(),
    occurredAtFrom: from,
    capturedAt: capturedAt.toISOString(),
  };
  const id = `${dataStore}:${entry.objectId}:${sequence}`;
  return {
    topic: identityChanges.name,
    ...encodeRecord(identityChanges, change, { id, source: SOURCE, time: capturedAt, traceparent }),
  };
}
