import {
  FencedError,
  foldCommands,
  keyOf,
  type IngestAnswer,
  type IngestRequest,
  type KnownObject,
  type SupersededVersion,
} from '@provisor/persistence';
import { UNKNOWN_VALUE } from '@provisor/provisioning';
import type { EdgeTable } from './edges.js';
import type { ObjectRow, Tables } from './tables.js';

/** `IngestStore` on tables in memory. */
export class IngestTable {
  readonly #tables: Tables;
  readonly #edges: EdgeTable;

  constructor(tables: Tables, edges: EdgeTable) {
    this.#tables = tables;
    this.#edges = edges;
  }

  ingest({ ownership, commands, now, supersededRecord }: IngestRequest): IngestAnswer {
    const names = new Set(commands.map(({ command }) => command.spConnection));
    for (const spConnection of names)
      if (!this.#tables.owns({ spConnection, ...ownership }))
        throw new FencedError(`Partition ${ownership.partition} belongs to another dispatcher by now.`);
    const known = this.#known(commands);
    const folded = foldCommands(known, commands, now);
    for (const changed of folded.changed) this.#upsert(changed);
    for (const { object, sourceOffset } of folded.seen) {
      const row = this.#tables.object(object);
      if (row !== undefined) this.#tables.update(row, { sourceOffset });
    }
    this.#replaceHolds(folded.superseded);
    const reopened = folded.changed.filter(({ object }) => {
      const before = known.get(keyOf(object))?.object.desired.presence ?? 'active';
      return before !== 'active' && object.desired.presence === 'active';
    });
    const edgesChanged = [...this.#edges.desire(folded.winners, now), ...reopened.map(({ object }) => object)];
    this.#tables.outbox.push(...folded.superseded.map(supersededRecord));
    return {
      runnable: folded.changed.map(({ object }) => object),
      superseded: folded.superseded,
      replayed: folded.replayed,
      edgesChanged,
    };
  }

  #known(commands: IngestRequest['commands']): Map<string, KnownObject> {
    const rows = commands.flatMap(({ command }) => this.#tables.object(command) ?? []);
    return new Map(
      rows.map(({ sourceOffset, removedAt: _, ...object }) => [keyOf(object), { object, sourceOffset }] as const),
    );
  }

  #upsert({ object, sourceOffset }: KnownObject): void {
    const row = this.#tables.object(object);
    if (row === undefined) {
      this.#tables.objects.set(keyOf(object), { ...object, state: 'pending', sourceOffset, removedAt: null });
      return;
    }
    const isNewer =
      object.version.sequence > row.version.sequence ||
      (object.version.sequence === row.version.sequence && object.version.config > row.version.config);
    if (!isNewer) return;
    const { createIntended, targetId, targetVersion, removedVersion, lastOutcome, removedAt } = row;
    const applied = mayBeSent(row);
    const kept = { createIntended, applied, targetId, targetVersion, removedVersion, lastOutcome, removedAt };
    this.#tables.objects.set(keyOf(object), { ...object, ...kept, sourceOffset });
  }

  #replaceHolds(superseded: readonly SupersededVersion[]): void {
    const held = new Set(superseded.filter(({ wasHeld }) => wasHeld).map(({ object }) => keyOf(object)));
    for (const hold of this.#tables.holds) if (hold.decision === null && held.has(hold.key)) hold.decision = 'replaced';
  }
}

/** What the version before may have written counts as unknown. */
function mayBeSent({ state, targetId, applied, desired }: ObjectRow): ObjectRow['applied'] {
  if (state !== 'pending' || targetId === null || applied === null) return applied;
  const unknown = Object.keys(desired.attributes ?? {}).map((path) => [path, UNKNOWN_VALUE] as const);
  return { ...applied, attributes: { ...Object.fromEntries(unknown), ...applied.attributes } };
}
