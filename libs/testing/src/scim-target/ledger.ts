import { createHash } from 'node:crypto';

/** What a request did to the target: `none` also for a repeat that changed nothing. */
export type Effect = 'created' | 'updated' | 'deleted' | 'read' | 'none';

export interface LedgerEntry {
  /** Order of arrival at the whole target, from 1. */
  readonly sequence: number;
  /** Milliseconds since the epoch, at arrival. */
  readonly time: number;
  readonly tenant: string;
  readonly method: string;
  /** Path below the tenant's base URL, with the query. */
  readonly path: string;
  /** What the request is about: externalId, userName or displayName of a create, else the id in the path. */
  readonly key: string;
  /** SHA-256 of the body in base64url; empty without a body. */
  readonly bodyHash: string;
  readonly traceparent: string | undefined;
  /** Length of the body, in bytes. */
  readonly bytes: number;
  /** What the body holds of the texts that the target was told to note; absent where it holds none. */
  readonly marks?: readonly string[];
  /** The body as it came, where the tenant keeps bodies. */
  readonly body?: string;
  /** When the exchange ended, answered or cut, in milliseconds since the epoch; only where the tenant keeps bodies. */
  ended?: number;
  /** Id of the resource that it created. */
  createdId?: string;
  /** Its sender did not get to hear what it came to: a fault spoilt the answer, or the sender had gone before. */
  lost?: boolean;
  /** Answered status; 0 where the connection was cut instead. */
  status: number;
  effect: Effect;
  /** Milliseconds since the epoch when the answer was given; 0 where none was. */
  answeredAt: number;
}

/** Every request of one tenant, in order of arrival. */
export class Ledger {
  readonly entries: LedgerEntry[] = [];

  /** Entries that changed something, optionally of one effect. */
  effects(effect?: Effect): LedgerEntry[] {
    return this.entries.filter((entry) =>
      effect === undefined ? entry.effect !== 'none' && entry.effect !== 'read' : entry.effect === effect,
    );
  }

  /** How often each key was created: more than 1 is a second account. */
  createsPerKey(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { key } of this.effects('created')) counts.set(key, (counts.get(key) ?? 0) + 1);
    return counts;
  }

  /** Writes with the same method, path and body that were accepted more than once. */
  repeatedWrites(): LedgerEntry[][] {
    const writes = new Map<string, LedgerEntry[]>();
    for (const entry of this.entries) {
      if (entry.method === 'GET' || entry.status >= 400) continue;
      const same = `${entry.method} ${entry.path} ${entry.bodyHash}`;
      writes.set(same, [...(writes.get(same) ?? []), entry]);
    }
    return [...writes.values()].filter((same) => same.length > 1);
  }

  /** Most requests that arrived within any window of this many milliseconds. */
  peak(windowMs: number): number {
    let from = 0;
    let most = 0;
    for (const [at, entry] of this.entries.entries()) {
      while (entry.time - (this.entries[from]?.time ?? entry.time) >= windowMs) from += 1;
      most = Math.max(most, at - from + 1);
    }
    return most;
  }

  clear(): void {
    this.entries.length = 0;
  }
}

export const hashOf = (body: string): string =>
  body === '' ? '' : createHash('sha256').update(body).digest('base64url');
