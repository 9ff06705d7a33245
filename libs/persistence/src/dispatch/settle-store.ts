import type { ObjectType, Version } from '@provisor/contracts';
import { jsonbText } from '../admin/jsonb-text.js';
import type { Database, Transaction } from '../database/database.js';
import type { OutgoingRecordLike, Outbox } from '../outbox/outbox.js';
import { passingConflicts, wakeConflicting } from './conflicts.js';
import type { EdgeAt, LinkedReference, ShownReferences } from './edge.js';
import { EdgeStore } from './edge-store.js';
import { ownedConnections, type Fence } from './ownership-store.js';
import { seenReferences } from './seen-references.js';
import {
  isoOf,
  keyOf,
  type AppliedState,
  type LastOutcome,
  type ObjectKey,
  type TargetObjectPhase,
} from './target-object.js';

/** What is about to happen at the target, recorded before the call. */
export interface IntentItem {
  readonly fence: Fence;
  readonly objectId: string;
  readonly objectType: ObjectType;
  readonly intent:
    | {
        readonly kind: 'create';
        /** What the account may have from then on. */
        readonly applied?: AppliedState;
        /** When the account before this one was found to be gone, with all edges. */
        readonly goneAt?: number;
      }
    | { readonly kind: 'remove' | 'blank'; readonly at: number }
    | {
        readonly kind: 'link';
        readonly targetId: string;
        readonly targetVersion: string | null;
        readonly applied: AppliedState;
        /** What the account refers to, where it was asked. */
        readonly references?: Pick<ShownReferences, 'shown' | 'at'>;
        /** When the account before this one was found to be gone, with all edges. */
        readonly goneAt?: number;
      };
}
export type IntentVerdict =
  /** `references`: those of an object to be created that can go along with it. */
  | { readonly kind: 'recorded'; readonly references: readonly LinkedReference[] }
  | { readonly kind: 'fenced' }
  /** The account that was to be linked belongs to this object already. */
  | { readonly kind: 'collision'; readonly with: string };

/** The state of a target object after an attempt or a decision. */
export interface SettleItem {
  readonly fence: Fence;
  readonly objectId: string;
  readonly objectType: ObjectType;
  /** The version that the attempt was made for; where a newer one came meanwhile, the row stays pending for that one. */
  readonly version: Version;
  readonly state: TargetObjectPhase;
  readonly createIntended: boolean;
  readonly applied: AppliedState | null;
  readonly targetId: string | null;
  readonly targetVersion: string | null;
  readonly removedVersion: Version | null;
  readonly attempt: number;
  readonly failures: number;
  readonly firstAttemptAt: number | null;
  readonly nextAttemptAt: number;
  readonly lastOutcome: LastOutcome;
  readonly appliedAt?: number;
  /** The account is linked by this attempt: its target id must not belong to another object. */
  readonly newLink: boolean;
  /** References that the target was given together with the account. */
  readonly references: readonly LinkedReference[];
  /** The account or group is not at the target any more, and its edges neither. */
  readonly gone: boolean;
  /** A guard stopped it: what it would have done, and why it was stopped. */
  readonly hold?: { readonly how: string; readonly cause: string };
  /** Result records; `current` is false where a newer version took over during the attempt. */
  readonly records: (current: boolean) => readonly OutgoingRecordLike[];
  /** What to settle instead when the target id belongs to another object already. */
  readonly onCollision: (otherObjectId: string) => SettleItem;
  /** What to settle instead when the owner of the account that stood in the way is about to make way. */
  readonly onPassing?: () => SettleItem;
  /** Its account may not stand in anybody's way any more: it was changed or removed. */
  readonly makesWay?: boolean;
}
export type SettleVerdict =
  /** `item` is what was written: another one than was given where a link collided. `current`: its version is still the newest. */
  | {
      readonly kind: 'written';
      readonly item: SettleItem;
      readonly current: boolean;
      /** Others of the SP connection, which had failed, are due again. */
      readonly woke?: boolean;
    }
  | { readonly kind: 'fenced' };

interface Taken {
  sp_connection: string;
  object_type: ObjectType;
  target_id: string;
  object_id: string;
}

/** Writes intents and outcomes of many objects at once. */
export class SettleStore {
  readonly #database: Database;
  readonly #outbox: Outbox;
  readonly #edges: EdgeStore;

  constructor(database: Database, outbox: Outbox) {
    this.#database = database;
    this.#outbox = outbox;
    this.#edges = new EdgeStore(database, outbox);
  }

  /** Records intents in one transaction. Answers in the order of `items`. */
  async recordIntents(items: readonly IntentItem[]): Promise<IntentVerdict[]> {
    return this.#database.transaction(async (tx) => {
      const owned = await ownedConnections(
        tx,
        items.map((item) => item.fence),
      );
      const taken = await this.#linkedTo(
        tx,
        items.flatMap((item) => (item.intent.kind === 'link' ? [linkOf(item, item.intent.targetId)] : [])),
      );
      const verdicts = items.map((item): IntentVerdict => {
        if (!owned.has(item.fence.spConnection)) return { kind: 'fenced' };
        const other = item.intent.kind === 'link' ? claim(taken, linkOf(item, item.intent.targetId)) : undefined;
        return other === undefined ? { kind: 'recorded', references: [] } : { kind: 'collision', with: other };
      });
      const recorded = items.filter((_, index) => verdicts[index]?.kind === 'recorded');
      if (recorded.length === 0) return verdicts;
      // Objects before their edges, as whoever takes commands in does: in another order they would wait for each other.
      await this.#writeIntents(tx, recorded);
      const references = await this.#edgesOf(tx, recorded);
      return items.map((item, index): IntentVerdict => {
        const verdict = verdicts[index] ?? { kind: 'fenced' };
        return verdict.kind === 'recorded'
          ? { kind: 'recorded', references: references.get(keyOf(keyOfItem(item))) ?? [] }
          : verdict;
      });
    });
  }

  /** What is known of edges by intents. Answers the references that go along with creates. */
  async #edgesOf(tx: Transaction, recorded: readonly IntentItem[]): Promise<Map<string, LinkedReference[]>> {
    const gone = recorded.flatMap((item) =>
      'goneAt' in item.intent && item.intent.goneAt !== undefined ? [{ item, at: item.intent.goneAt }] : [],
    );
    await this.#edges.forget(
      tx,
      gone.map(({ item }) => keyOfItem(item)),
      Math.max(...gone.map(({ at }) => at)),
    );
    const shown = recorded.flatMap(shownOf);
    await this.#edges.applied(tx, await seenReferences(tx, shown), Math.max(...shown.map(({ at }) => at)));
    const creates = recorded.filter(({ intent }) => intent.kind === 'create');
    return this.#edges.linkedReferencesOf(tx, creates.map(keyOfItem));
  }

  async #writeIntents(tx: Transaction, items: readonly IntentItem[]): Promise<void> {
    const rows = items.map(({ fence, objectId, intent }) => ({
      c: fence.spConnection,
      o: objectId,
      cr: intent.kind === 'create',
      rm: intent.kind === 'remove' ? isoOf(intent.at) : null,
      bl: intent.kind === 'blank' ? isoOf(intent.at) : null,
      ln: intent.kind === 'link',
      gn: intent.kind === 'create' && intent.goneAt !== undefined,
      ti: intent.kind === 'link' ? intent.targetId : null,
      tv: intent.kind === 'link' ? intent.targetVersion : null,
      ap: intent.kind === 'link' || intent.kind === 'create' ? (intent.applied ?? null) : null,
    }));
    await tx.query(
      `with i as materialized (
         select i.* from jsonb_to_recordset($1::jsonb)
           as i(c text, o text, cr boolean, rm timestamptz, bl timestamptz, ln boolean, gn boolean, ti text, tv text, ap jsonb)
         join target_objects t on t.sp_connection = i.c and t.object_id = i.o
         order by t.sp_connection, t.object_id for update of t)
       update target_objects t set
         create_intended = case when i.ln then false else t.create_intended or i.cr end,
         removed_at = coalesce(i.rm, t.removed_at), blanked_at = coalesce(i.bl, t.blanked_at),
         target_id = case when i.ln or i.gn then i.ti else t.target_id end,
         target_version = case when i.ln or i.gn then i.tv else t.target_version end,
         removed_version = case when i.ln then null else t.removed_version end,
         applied = case when i.ln then i.ap else coalesce(i.ap, t.applied) end
       from i where t.sp_connection = i.c and t.object_id = i.o`,
      [jsonbText(rows)],
    );
  }

  /** Writes outcomes and their results in one transaction. Answers in the order of `items`. */
  async settle(items: readonly SettleItem[], now: number): Promise<SettleVerdict[]> {
    return this.#database.transaction(async (tx) => {
      const owned = await ownedConnections(
        tx,
        items.map((item) => item.fence),
      );
      const settled = await this.#resolveCollisions(
        tx,
        items.filter((item) => owned.has(item.fence.spConnection)),
      );
      const mine = await passing(tx, settled);
      const current = mine.length === 0 ? new Set<string>() : await this.#write(tx, mine);
      await this.#hold(
        tx,
        mine.filter((item) => item.hold !== undefined && current.has(keyOf(keyOfItem(item)))),
        now,
      );
      await this.#edges.forget(tx, mine.filter((item) => item.gone).map(keyOfItem), now);
      await this.#edges.applied(tx, mine.flatMap(referencesAt), now);
      const woken = await wakeConflicting(tx, mine.filter(({ makesWay }) => makesWay === true).map(keyOfItem));
      const records = mine.flatMap((item) => item.records(current.has(keyOf(keyOfItem(item)))));
      if (records.length > 0) await this.#outbox.append(tx, records);
      const written = new Map(mine.map((item) => [keyOf(keyOfItem(item)), item]));
      return items.map((given): SettleVerdict => {
        const item = written.get(keyOf(keyOfItem(given)));
        return item === undefined
          ? { kind: 'fenced' }
          : {
              kind: 'written',
              item,
              current: current.has(keyOf(keyOfItem(item))),
              woke: woken.has(item.fence.spConnection),
            };
      });
    });
  }

  async #resolveCollisions(tx: Transaction, items: readonly SettleItem[]): Promise<SettleItem[]> {
    const links = items.flatMap((item) =>
      item.newLink && item.targetId !== null ? [linkOf(item, item.targetId)] : [],
    );
    if (links.length === 0) return [...items];
    const taken = await this.#linkedTo(tx, links);
    return items.map((item) => {
      if (!item.newLink || item.targetId === null) return item;
      const other = claim(taken, linkOf(item, item.targetId));
      return other === undefined ? item : item.onCollision(other);
    });
  }

  /** Which objects these accounts belong to, as far as they belong to any. */
  async #linkedTo(tx: Transaction, links: readonly Taken[]): Promise<Map<string, string>> {
    if (links.length === 0) return new Map();
    const rows = await tx.query<Taken>(
      `select t.sp_connection, t.object_type, t.target_id, t.object_id from target_objects t
       join unnest($1::text[], $2::text[], $3::text[]) as i(c, ot, ti)
         on t.sp_connection = i.c and t.object_type = i.ot and t.target_id = i.ti`,
      [
        links.map((link) => link.sp_connection),
        links.map((link) => link.object_type),
        links.map((link) => link.target_id),
      ],
    );
    return new Map(rows.map((row) => [linkKey(row), row.object_id]));
  }

  /** Answers the keys of the rows whose version is still the one that was settled. */
  async #write(tx: Transaction, items: readonly SettleItem[]): Promise<Set<string>> {
    const rows = await tx.query<{ sp_connection: string; object_id: string; current: boolean }>(
      `with i as materialized (
         select i.*, (t.version_sequence, t.version_config) = (i.vs, i.vc) as current
         from jsonb_to_recordset($1::jsonb) as i(c text, o text, vs bigint, vc bigint, st text, ci boolean, ap jsonb, ti text,
           tv text, rv jsonb, at int, fl int, fa timestamptz, na timestamptz, lo jsonb, aa timestamptz)
         join target_objects t on t.sp_connection = i.c and t.object_id = i.o
         order by t.sp_connection, t.object_id for update of t)
       update target_objects t set
         state = case when i.current then i.st else t.state end,
         create_intended = i.ci, applied = i.ap, target_id = i.ti, target_version = i.tv,
         removed_version = i.rv,
         attempt = case when i.current then i.at else t.attempt end,
         failures = case when i.current then i.fl else t.failures end,
         first_attempt_at = case when i.current then i.fa else t.first_attempt_at end,
         next_attempt_at = case when i.current then i.na else t.next_attempt_at end,
         last_outcome = i.lo, applied_at = coalesce(i.aa, t.applied_at)
       from i where t.sp_connection = i.c and t.object_id = i.o
       returning t.sp_connection, t.object_id, i.current`,
      [jsonbText(items.map(columnsOf))],
    );
    return new Set(
      rows
        .filter((row) => row.current)
        .map((row) => keyOf({ spConnection: row.sp_connection, objectId: row.object_id })),
    );
  }

  async #hold(tx: Transaction, items: readonly SettleItem[], now: number): Promise<void> {
    if (items.length === 0) return;
    await tx.query(
      `insert into holds (sp_connection, object_id, version_sequence, version_config, how, cause, held_at)
       select c, o, vs, vc, how, cause, $2
       from jsonb_to_recordset($1::jsonb) as i(c text, o text, vs bigint, vc bigint, how text, cause text)
       on conflict (sp_connection, object_id, version_sequence, version_config) do update set
         how = excluded.how, cause = excluded.cause, held_at = excluded.held_at, decision = null, decided_at = null,
         decided_by = null`,
      [
        jsonbText(
          items.map(({ fence, objectId, version, hold }) => ({
            c: fence.spConnection,
            o: objectId,
            vs: version.sequence,
            vc: version.config,
            how: hold?.how,
            cause: hold?.cause,
          })),
        ),
        isoOf(now),
      ],
    );
  }
}

/** Those whose account is in somebody's hands who is about to let go of it wait instead of failing. */
async function passing(tx: Transaction, items: readonly SettleItem[]): Promise<SettleItem[]> {
  const conflicts = items.flatMap((item) =>
    item.lastOutcome.ownerId === undefined || item.onPassing === undefined
      ? []
      : [{ ...keyOfItem(item), ownerId: item.lastOutcome.ownerId }],
  );
  const found = await passingConflicts(tx, conflicts);
  return items.map((item) => (found.has(keyOf(keyOfItem(item))) ? (item.onPassing?.() ?? item) : item));
}

const keyOfItem = (item: { fence: Fence; objectId: string }): ObjectKey => ({
  spConnection: item.fence.spConnection,
  objectId: item.objectId,
});

const referencesAt = ({ fence, objectId, references }: SettleItem): EdgeAt[] =>
  references.map(({ kind, otherId, targetId }) => ({
    spConnection: fence.spConnection,
    memberId: objectId,
    kind,
    otherId,
    desired: true,
    ends: { other: targetId },
  }));

const shownOf = (item: IntentItem): ShownReferences[] =>
  item.intent.kind === 'link' && item.intent.references !== undefined
    ? [{ ...keyOfItem(item), ...item.intent.references }]
    : [];

const linkOf = (item: { fence: Fence; objectId: string; objectType: ObjectType }, targetId: string): Taken => ({
  sp_connection: item.fence.spConnection,
  object_type: item.objectType,
  target_id: targetId,
  object_id: item.objectId,
});
const linkKey = (link: Taken): string => `${link.sp_connection}\n${link.object_type}\n${link.target_id}`;

/** Claims an account for an object; answers who has it if that is somebody else. */
function claim(taken: Map<string, string>, link: Taken): string | undefined {
  const key = linkKey(link);
  const owner = taken.get(key);
  if (owner !== undefined && owner !== link.object_id) return owner;
  taken.set(key, link.object_id);
  return undefined;
}

const columnsOf = (item: SettleItem): Record<string, unknown> => ({
  c: item.fence.spConnection,
  o: item.objectId,
  vs: item.version.sequence,
  vc: item.version.config,
  st: item.state,
  ci: item.createIntended,
  ap: item.applied,
  ti: item.targetId,
  tv: item.targetVersion,
  rv: item.removedVersion,
  at: item.attempt,
  fl: item.failures,
  fa: item.firstAttemptAt === null ? null : isoOf(item.firstAttemptAt),
  na: isoOf(item.nextAttemptAt),
  lo: item.lastOutcome,
  aa: item.appliedAt === undefined ? null : isoOf(item.appliedAt),
});
