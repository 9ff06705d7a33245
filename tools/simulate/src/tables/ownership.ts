import type { ConnectionState, Fence, Ownership, Quarantine } from '@provisor/persistence';
import type { ConnectionRow, Tables } from './tables.js';

/** `OwnershipStore` on tables in memory; `now` is the database's clock. */
export class OwnershipTable {
  readonly #tables: Tables;
  readonly #now: () => number;

  constructor(tables: Tables, now: () => number) {
    this.#tables = tables;
    this.#now = now;
  }

  claim(
    partition: number,
    owner: string,
    leaseMs: number,
  ): { kind: 'claimed'; epoch: number } | { kind: 'leased'; forMs: number } {
    const row = this.#tables.partitions.get(partition);
    const now = this.#now();
    if (row !== undefined && row.leaseUntil > now && row.owner !== owner)
      return { kind: 'leased', forMs: row.leaseUntil - now };
    const epoch = (row?.epoch ?? 0) + 1;
    this.#tables.partitions.set(partition, { epoch, owner, leaseUntil: now + leaseMs });
    return { kind: 'claimed', epoch };
  }

  renew(owned: readonly Ownership[], leaseMs: number): ReadonlySet<number> {
    const renewed = new Set<number>();
    for (const { partition, epoch } of owned) {
      const row = this.#tables.partitions.get(partition);
      if (row?.epoch !== epoch) continue;
      row.leaseUntil = this.#now() + leaseMs;
      renewed.add(partition);
    }
    return renewed;
  }

  release({ partition, epoch }: Ownership): void {
    const row = this.#tables.partitions.get(partition);
    if (row?.epoch === epoch) row.leaseUntil = this.#now();
  }

  register(partition: number, connections: readonly { spConnection: string; limitScope: string }[]): ConnectionState[] {
    return connections.map(({ spConnection, limitScope }) => {
      const row = this.#tables.connections.get(spConnection);
      if (row === undefined)
        this.#tables.connections.set(spConnection, {
          spConnection,
          limitScope,
          partition,
          paused: false,
          quarantine: null,
          probeAt: null,
        });
      else {
        row.limitScope = limitScope;
        row.partition = partition;
      }
      return { ...(this.#tables.connections.get(spConnection) as ConnectionRow) };
    });
  }

  connectionsOf(partition: number): ConnectionState[] {
    return [...this.#tables.connections.values()]
      .filter((row) => row.partition === partition)
      .map((row) => ({ ...row }));
  }

  connection(spConnection: string): ConnectionState | undefined {
    const row = this.#tables.connections.get(spConnection);
    return row === undefined ? undefined : { ...row };
  }

  throttled(partition: number): ReadonlyMap<string, number> {
    const scopes = this.connectionsOf(partition).map(({ limitScope }) => limitScope);
    return new Map(
      scopes.flatMap((scope) => {
        const until = this.#tables.throttledUntil.get(scope);
        return until === undefined || until <= this.#now() ? [] : [[scope, until] as const];
      }),
    );
  }

  throttle(scope: string, until: number): void {
    this.#tables.throttledUntil.set(scope, until);
  }

  quarantine(fence: Fence, quarantine: Quarantine | null, probeAt: number | null): void {
    const row = this.#tables.connections.get(fence.spConnection);
    if (row === undefined || !this.#tables.owns(fence)) return;
    row.quarantine = quarantine;
    row.probeAt = probeAt;
  }
}
