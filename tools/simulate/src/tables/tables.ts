import type { OutgoingRecordLike, Quarantine, TargetObject } from '@provisor/persistence';
import { keyOf, type ObjectKey } from '@provisor/persistence';

/** A row of `target_objects` with the columns that only the database uses. */
export interface ObjectRow extends TargetObject {
  readonly sourceOffset: number;
  readonly removedAt: number | null;
}

export interface EdgeRow {
  readonly spConnection: string;
  readonly memberId: string;
  readonly kind: string;
  readonly otherId: string;
  desired: boolean;
  applied: boolean;
  /** It is on its way, or its answer was lost. */
  unsure: boolean;
  attempt: number;
  firstAttemptAt: number | null;
  nextAttemptAt: number;
  code: string | null;
}

export interface PartitionRow {
  epoch: number;
  owner: string;
  leaseUntil: number;
}

export interface ConnectionRow {
  readonly spConnection: string;
  limitScope: string;
  partition: number;
  paused: boolean;
  quarantine: Quarantine | null;
  probeAt: number | null;
}

export interface HoldRow {
  readonly key: string;
  readonly version: string;
  decision: 'approved' | 'rejected' | 'replaced' | null;
}

export const edgeKey = (edge: { spConnection: string; memberId: string; kind: string; otherId: string }): string =>
  `${edge.spConnection}\n${edge.memberId}\n${edge.kind}\n${edge.otherId}`;

/**
 * The schema `dispatch` in memory. Whoever changes it does so within one event, so that each change is a transaction of its own;
 * rows are replaced and never written to, so that what was read stays as it was read.
 */
export class Tables {
  readonly objects = new Map<string, ObjectRow>();
  readonly edges = new Map<string, EdgeRow>();
  readonly partitions = new Map<number, PartitionRow>();
  readonly connections = new Map<string, ConnectionRow>();
  readonly throttledUntil = new Map<string, number>();
  readonly holds: HoldRow[] = [];
  /** What the relay publishes, in order. */
  readonly outbox: OutgoingRecordLike[] = [];

  object(key: ObjectKey): ObjectRow | undefined {
    return this.objects.get(keyOf(key));
  }

  objectsOf(spConnection: string): ObjectRow[] {
    return [...this.objects.values()].filter((row) => row.spConnection === spConnection);
  }

  update(row: ObjectRow, columns: Partial<ObjectRow>): void {
    this.objects.set(keyOf(row), { ...row, ...columns });
  }

  edgesOf(spConnection: string): EdgeRow[] {
    return [...this.edges.values()].filter((edge) => edge.spConnection === spConnection);
  }

  /** As `ownedConnections` of the real store. */
  owns(fence: { spConnection: string; partition: number; epoch: number }): boolean {
    const connection = this.connections.get(fence.spConnection);
    return connection?.partition === fence.partition && this.partitions.get(fence.partition)?.epoch === fence.epoch;
  }
}
