import { UNKNOWN_VALUE } from '@provisor/provisioning';
import type { Database, Transaction } from '../database/database.js';
import type { OutgoingRecordLike, Outbox } from '../outbox/outbox.js';
import { jsonbText } from '../admin/jsonb-text.js';
import { accountForPassing } from './accounting-store.js';
import { desireEdges } from './desired-edges.js';
import {
  foldCommands,
  type Folded,
  type IngestedCommand,
  type KnownObject,
  type SupersededVersion,
} from './fold-commands.js';
import { FencedError, ownedConnections, type Ownership } from './ownership-store.js';
import {
  isoOf,
  keyOf,
  laneIndex,
  TARGET_OBJECT_COLUMNS,
  toTargetObject,
  type ObjectKey,
  type TargetObject,
  type TargetObjectRow,
} from './target-object.js';

export interface IngestRequest {
  readonly ownership: Ownership;
  /** Commands of one partition, in their order. Their SP connections have been registered. */
  readonly commands: readonly IngestedCommand[];
  readonly now: number;
  /** Makes the result record of a version that another one took over. */
  readonly supersededRecord: (superseded: SupersededVersion) => OutgoingRecordLike;
}
export interface IngestAnswer {
  /** Objects with a new desired state, as they stand now: all of them are runnable. */
  readonly runnable: readonly TargetObject[];
  readonly superseded: readonly SupersededVersion[];
  readonly replayed: number;
  /** Objects of the batch whose memberships or references changed, or need not wait any more. */
  readonly edgesChanged: readonly ObjectKey[];
}

/** Takes batches of commands into the desired state. */
export class IngestStore {
  readonly #database: Database;
  readonly #outbox: Outbox;

  constructor(database: Database, outbox: Outbox) {
    this.#database = database;
    this.#outbox = outbox;
  }

  /**
   * One transaction for the whole batch: rows, edges and the results of superseded versions. Throws FencedError when the
   * partition has another owner.
   */
  async ingest(request: IngestRequest): Promise<IngestAnswer> {
    return this.#database.transaction(async (tx) => {
      await this.#checkOwner(tx, request);
      const known = await this.#lock(tx, request.commands);
      const folded = foldCommands(known, request.commands, request.now);
      if (folded.changed.length > 0) await this.#upsert(tx, folded.changed, request.now);
      if (folded.seen.length > 0) await this.#note(tx, folded.seen);
      await accountForPassing(tx, folded.passing);
      await this.#replaceHolds(tx, folded.superseded, request.now);
      const edgesChanged = await desireEdges(tx, folded.winners, request.now);
      if (folded.superseded.length > 0) await this.#outbox.append(tx, folded.superseded.map(request.supersededRecord));
      return { ...answerOf(folded), edgesChanged: [...edgesChanged, ...reopened(known, folded)] };
    });
  }

  async #checkOwner(tx: Transaction, { ownership, commands }: IngestRequest): Promise<void> {
    const names = [...new Set(commands.map(({ command }) => command.spConnection))];
    const owned = await ownedConnections(
      tx,
      names.map((spConnection) => ({ spConnection, ...ownership })),
    );
    if (owned.size < names.length)
      throw new FencedError(`Partition ${ownership.partition} of the commands belongs to another dispatcher by now.`);
  }

  /** Reads the batch's rows and keeps others from changing them; in key order, so that two batches never wait for each other. */
  async #lock(tx: Transaction, commands: readonly IngestedCommand[]): Promise<Map<string, KnownObject>> {
    const keys = [...new Map(commands.map(({ command }) => [keyOf(command), command])).values()];
    const rows = await tx.query<TargetObjectRow>(
      `select ${TARGET_OBJECT_COLUMNS} from target_objects t
       join unnest($1::text[], $2::text[]) as i(c, o) on t.sp_connection = i.c and t.object_id = i.o
       order by t.sp_connection, t.object_id for update of t`,
      [keys.map((key) => key.spConnection), keys.map((key) => key.objectId)],
    );
    return new Map(
      rows.map((row) => {
        const object = toTargetObject(row);
        return [keyOf(object), { object, sourceOffset: Number(row.source_offset) }];
      }),
    );
  }

  /** What the version before may have written counts as unknown: should its answer be lost, it is cleared where nobody wants it. */
  async #upsert(tx: Transaction, changed: readonly KnownObject[], now: number): Promise<void> {
    await tx.query(
      `insert into target_objects as t (sp_connection, object_id, data_store, object_type, channel, label, lane,
         version_sequence, version_config, source_offset, desired, create_only, masked, reason, traceparent, state,
         next_attempt_at, occurred_at, mapped_at, desired_at)
       select c, o, ds, ot, ch, la, ln, vs, vc, so, de, co, ma, re, tp, 'pending', na, oc, mp, na
       from jsonb_to_recordset($1::jsonb) as i(c text, o text, ds text, ot text, ch text, la text, ln smallint, vs bigint,
         vc bigint, so bigint, de jsonb, co jsonb, ma jsonb, re text, tp text, na timestamptz, oc timestamptz, mp timestamptz)
       on conflict (sp_connection, object_id) do update set
         data_store = excluded.data_store, object_type = excluded.object_type, channel = excluded.channel,
         label = excluded.label, lane = excluded.lane, version_sequence = excluded.version_sequence,
         version_config = excluded.version_config, source_offset = excluded.source_offset, desired = excluded.desired,
         create_only = excluded.create_only, masked = excluded.masked, reason = excluded.reason,
         traceparent = excluded.traceparent, state = 'pending', hold_released = false, attempt = 0, failures = 0,
         first_attempt_at = null, next_attempt_at = excluded.next_attempt_at, occurred_at = excluded.occurred_at,
         mapped_at = excluded.mapped_at, desired_at = excluded.desired_at,
         applied = case when t.state = 'pending' and t.target_id is not null and t.applied is not null
           then jsonb_set(t.applied, '{attributes}', coalesce((select jsonb_object_agg(path, $2::jsonb)
             from jsonb_object_keys(t.desired -> 'attributes') as path), '{}') || (t.applied -> 'attributes'))
           else t.applied end
       where (t.version_sequence, t.version_config) < (excluded.version_sequence, excluded.version_config)`,
      [jsonbText(changed.map((known) => columnsOf(known, now))), JSON.stringify(UNKNOWN_VALUE)],
    );
  }

  /** A late command that is read again must not be superseded again. */
  async #note(tx: Transaction, seen: readonly KnownObject[]): Promise<void> {
    await tx.query(
      `update target_objects t set source_offset = i.so
       from unnest($1::text[], $2::text[], $3::bigint[]) as i(c, o, so)
       where t.sp_connection = i.c and t.object_id = i.o`,
      [
        seen.map(({ object }) => object.spConnection),
        seen.map(({ object }) => object.objectId),
        seen.map(({ sourceOffset }) => sourceOffset),
      ],
    );
  }

  async #replaceHolds(tx: Transaction, superseded: readonly SupersededVersion[], now: number): Promise<void> {
    const held = superseded.filter((version) => version.wasHeld).map((version) => version.object);
    if (held.length === 0) return;
    await tx.query(
      `update holds h set decision = 'replaced', decided_at = $3
       from unnest($1::text[], $2::text[]) as i(c, o)
       where h.sp_connection = i.c and h.object_id = i.o and h.decision is null`,
      [held.map((object) => object.spConnection), held.map((object) => object.objectId), isoOf(now)],
    );
  }
}

/** Objects that are wanted open after all: their edges waited for the account to be closed first. */
const reopened = (known: ReadonlyMap<string, KnownObject>, { changed }: Folded): ObjectKey[] =>
  changed.flatMap(({ object }) => {
    const before = known.get(keyOf(object))?.object.desired.presence ?? 'active';
    return before === 'active' || object.desired.presence !== 'active' ? [] : [object];
  });

const answerOf = (folded: Folded): Omit<IngestAnswer, 'edgesChanged'> => ({
  runnable: folded.changed.map((known) => known.object),
  superseded: folded.superseded,
  replayed: folded.replayed,
});

const columnsOf = ({ object, sourceOffset }: KnownObject, now: number): Record<string, unknown> => ({
  c: object.spConnection,
  o: object.objectId,
  ds: object.dataStore,
  ot: object.objectType,
  ch: object.channel,
  la: object.label,
  ln: laneIndex(object.lane),
  vs: object.version.sequence,
  vc: object.version.config,
  so: sourceOffset,
  de: object.desired,
  co: object.createOnly,
  ma: object.masked,
  re: object.reason,
  tp: object.traceparent,
  na: isoOf(now),
  oc: isoOf(object.occurredAt),
  mp: isoOf(object.mappedAt),
});
