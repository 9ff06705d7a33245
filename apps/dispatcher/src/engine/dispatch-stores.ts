import type { ReconciliationPort } from '../reconciliation/reconciler.js';
import type {
  AccountingStore,
  EdgeStore,
  GuardStore,
  IngestStore,
  LimitStore,
  OwnershipStore,
  SettleStore,
  WorkStore,
} from '@provisor/persistence';

/**
 * What the engine asks of its database. Interfaces, so that the simulation can put tables in memory in their place; the
 * semantics (one transaction per call, fencing by epoch, the version guard) are those of the classes.
 */
export type IngestPort = Pick<IngestStore, 'ingest'>;
export type SettlePort = Pick<SettleStore, 'recordIntents' | 'settle'>;
export type EdgePort = Pick<
  EdgeStore,
  'runnableOf' | 'runnableIn' | 'nextRetry' | 'membershipsOf' | 'referencesOf' | 'settle'
>;
export type WorkPort = Pick<WorkStore, keyof WorkStore>;
export type GuardPort = Pick<GuardStore, keyof GuardStore>;
export type OwnershipPort = Pick<OwnershipStore, keyof OwnershipStore>;

export interface DispatchStores {
  readonly ingest: IngestPort;
  readonly settle: SettlePort;
  readonly edges: EdgePort;
  readonly work: WorkPort;
  readonly ownership: OwnershipPort;
  /** Absent where the windows of memberships and blanked values may begin empty. */
  readonly guards?: GuardPort;
  /** Absent where no budget is longer than memory. */
  readonly limits?: Pick<LimitStore, 'reserve'>;
  /** Absent where nothing is reconciled. */
  readonly reconciliation?: ReconciliationPort;
  /** Absent where nothing is accounted for. */
  readonly accounting?: Pick<AccountingStore, 'dead'>;
}
