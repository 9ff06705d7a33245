import type { Lane } from '@provisor/contracts';
import { NEVER, type DuePage, type ObjectKey, type PageEnd, type TargetObject } from '@provisor/persistence';
import { UNKNOWN_VALUE } from '@provisor/provisioning';
import type { ObjectRow, Tables } from './tables.js';

/** `WorkStore` on tables in memory. */
export class WorkTable {
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  due(spConnection: string, lane: Lane, now: number, page: { size: number; after?: PageEnd }): DuePage {
    const { after } = page;
    const rows = this.#tables
      .objectsOf(spConnection)
      .filter((row) => row.state === 'pending' && row.lane === lane && row.nextAttemptAt <= now)
      .filter((row) => after === undefined || compare(row, after.nextAttemptAt.getTime(), after.objectId) > 0)
      .sort((a, b) => compare(a, b.nextAttemptAt, b.objectId))
      .slice(0, page.size);
    const last = rows.at(-1);
    const end =
      rows.length < page.size || last === undefined
        ? {}
        : { end: { nextAttemptAt: new Date(last.nextAttemptAt), objectId: last.objectId } };
    return { objects: rows.map(toObject), ...end };
  }

  load(keys: readonly ObjectKey[]): TargetObject[] {
    return keys.flatMap((key) => this.#tables.object(key) ?? []).map(toObject);
  }

  nextDue(spConnection: string, now: number): number | undefined {
    const times = this.#tables
      .objectsOf(spConnection)
      .filter((row) => row.state === 'pending' && row.nextAttemptAt > now)
      .map((row) => row.nextAttemptAt);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  wakeSystemic(spConnection: string, now: number): void {
    for (const edge of this.#tables.edgesOf(spConnection))
      if (edge.desired !== edge.applied && edge.attempt > 0 && edge.nextAttemptAt > now && edge.nextAttemptAt < NEVER)
        edge.nextAttemptAt = now;
    for (const row of this.#tables.objectsOf(spConnection))
      if (row.state === 'pending' && row.nextAttemptAt > now && row.lastOutcome?.systemic === true)
        this.#tables.update(row, { nextAttemptAt: now });
  }

  wakeFailed(spConnection: string, now: number): number {
    const failed = this.#tables.objectsOf(spConnection).filter((row) => row.state === 'failed');
    for (const row of failed)
      this.#tables.update(row, { state: 'pending', failures: 0, firstAttemptAt: null, nextAttemptAt: now });
    return failed.length;
  }

  doubt(spConnection: string): void {
    for (const row of this.#tables.objectsOf(spConnection)) {
      if (row.state !== 'pending' || row.targetId === null || row.applied === null) continue;
      const paths = [...Object.keys(row.applied.attributes), ...Object.keys(row.desired.attributes ?? {})];
      const attributes = Object.fromEntries(paths.map((path) => [path, UNKNOWN_VALUE]));
      this.#tables.update(row, { applied: { presence: 'absent', attributes } });
    }
  }

  population(spConnection: string): number {
    return this.#tables.objectsOf(spConnection).filter((row) => row.targetId !== null).length;
  }

  removals(spConnection: string, since: number): ReadonlyMap<string, number> {
    return new Map(
      this.#tables
        .objectsOf(spConnection)
        .flatMap(({ objectId, removedAt }) =>
          removedAt === null || removedAt <= since ? [] : [[objectId, removedAt] as const],
        ),
    );
  }
}

const compare = (row: ObjectRow, at: number, objectId: string): number =>
  row.nextAttemptAt - at || (row.objectId < objectId ? -1 : row.objectId > objectId ? 1 : 0);

const toObject = ({ sourceOffset: _, removedAt: __, ...object }: ObjectRow): TargetObject => object;
