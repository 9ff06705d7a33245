import {
  keyOf,
  type Fence,
  type IntentItem,
  type IntentVerdict,
  type ObjectKey,
  type SettleItem,
  type SettleVerdict,
} from '@provisor/persistence';
import type { EdgeTable } from './edges.js';
import type { ObjectRow, Tables } from './tables.js';

/** `SettleStore` on tables in memory. */
export class SettleTable {
  readonly #tables: Tables;
  readonly #edges: EdgeTable;

  constructor(tables: Tables, edges: EdgeTable) {
    this.#tables = tables;
    this.#edges = edges;
  }

  recordIntents(items: readonly IntentItem[]): IntentVerdict[] {
    const taken = new Set<string>();
    return items.map((item): IntentVerdict => {
      if (!this.#tables.owns(item.fence)) return { kind: 'fenced' };
      const { intent } = item;
      if (intent.kind === 'link') {
        const other = this.#claimedBy(item, intent.targetId, taken);
        if (other !== undefined) return { kind: 'collision', with: other };
      }
      this.#intend(item);
      const references = intent.kind === 'create' ? this.#edges.linkedReferencesOf(keyOfItem(item)) : [];
      return { kind: 'recorded', references };
    });
  }

  #intend({ intent, ...item }: IntentItem): void {
    const row = this.#tables.object(keyOfItem(item));
    if (row === undefined) return;
    if ('goneAt' in intent && intent.goneAt !== undefined) this.#edges.forget(keyOfItem(item), intent.goneAt);
    if (intent.kind === 'create') {
      const { applied = row.applied, goneAt } = intent;
      const link = goneAt === undefined ? {} : { targetId: null, targetVersion: null };
      this.#tables.update(row, { createIntended: true, applied, ...link });
    }
    if (intent.kind === 'remove') this.#tables.update(row, { removedAt: intent.at });
    if (intent.kind === 'link') {
      const { targetId, targetVersion, applied, references } = intent;
      this.#link(row, { createIntended: false, targetId, targetVersion, applied, removedVersion: null });
      if (references !== undefined) this.#edges.seen(keyOfItem(item), references.shown, references.at);
    }
  }

  settle(items: readonly SettleItem[], now: number): SettleVerdict[] {
    const taken = new Set<string>();
    return items.map((given): SettleVerdict => {
      if (!this.#tables.owns(given.fence)) return { kind: 'fenced' };
      const other = given.newLink ? this.#claimedBy(given, given.targetId ?? '', taken) : undefined;
      const item = other === undefined ? given : given.onCollision(other);
      const current = this.#write(item);
      if (item.hold !== undefined && current) this.#hold(item);
      if (item.gone) this.#edges.forget(keyOfItem(item), now);
      for (const { kind, otherId, targetId } of item.references)
        this.#edges.applied(
          {
            ...{ spConnection: item.fence.spConnection, memberId: item.objectId, kind, otherId, desired: true },
            ends: { other: targetId },
          },
          now,
        );
      this.#tables.outbox.push(...item.records(current));
      return { kind: 'written', item, current };
    });
  }

  #write(item: SettleItem): boolean {
    const row = this.#tables.object(keyOfItem(item));
    if (row === undefined) return false;
    const current = row.version.sequence === item.version.sequence && row.version.config === item.version.config;
    const { createIntended, applied, targetId, targetVersion, removedVersion, lastOutcome } = item;
    const { state, attempt, failures, firstAttemptAt, nextAttemptAt } = item;
    this.#link(row, {
      ...{ createIntended, applied, targetId, targetVersion, removedVersion, lastOutcome },
      ...(current ? { state, attempt, failures, firstAttemptAt, nextAttemptAt } : {}),
    });
    return current;
  }

  /** The unique index on links holds here as well. */
  #link(row: ObjectRow, columns: Partial<ObjectRow> & Pick<ObjectRow, 'targetId'>): void {
    const other = columns.targetId === null ? undefined : this.#linkedTo(row, columns.targetId);
    if (other !== undefined && other !== row.objectId)
      throw Object.assign(new Error('duplicate key value violates unique constraint "target_objects_link"'), {
        code: '23505',
      });
    this.#tables.update(row, columns);
  }

  #linkedTo(row: Pick<ObjectRow, 'spConnection' | 'objectType'>, targetId: string): string | undefined {
    return this.#tables
      .objectsOf(row.spConnection)
      .find((other) => other.objectType === row.objectType && other.targetId === targetId)?.objectId;
  }

  #claimedBy(
    { fence, objectId, objectType }: { fence: Fence; objectId: string; objectType: ObjectRow['objectType'] },
    targetId: string,
    taken: Set<string>,
  ): string | undefined {
    const { spConnection } = fence;
    const owner = this.#linkedTo({ spConnection, objectType }, targetId);
    if (owner !== undefined && owner !== objectId) return owner;
    const key = `${spConnection}\n${objectType}\n${targetId}\n`;
    const claimed = [...taken].find((one) => one.startsWith(key))?.slice(key.length);
    if (claimed !== undefined && claimed !== objectId) return claimed;
    taken.add(`${key}${objectId}`);
    return undefined;
  }

  #hold(item: SettleItem): void {
    const key = keyOf(keyOfItem(item));
    const version = `${item.version.sequence}.${item.version.config}`;
    if (this.#tables.holds.some((hold) => hold.key === key && hold.version === version)) return;
    this.#tables.holds.push({ key, version, decision: null });
  }
}

const keyOfItem = (item: { fence: Fence; objectId: string }): ObjectKey => ({
  spConnection: item.fence.spConnection,
  objectId: item.objectId,
});
