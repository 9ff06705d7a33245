export type { Database, Session, Transaction } from './database/database.js';
export { openDatabase, type OpenDatabaseOptions } from './database/open-database.js';
export { DatabaseProblem, type DatabaseProblemCode } from './database/connect.js';
export { isTransient, isUniqueViolation, QueryProblem } from './database/query-problem.js';
export type { MigrationClass, ServiceSchema } from './database/service-schema.js';
export { unnestRows, type UnnestColumn, type UnnestedRows } from './database/unnest-rows.js';
export { Outbox, OutboxRecordTooLarge, type OutgoingRecordLike } from './outbox/outbox.js';
export { outboxMigration } from './outbox/outbox-migration.js';
export { OutboxRelay, type OutboxRelayOptions } from './outbox/outbox-relay.js';
export { captureSchema } from './capture/schema.js';
export { CaptureFenced, CursorStore, type CaptureCursor, type CaptureRequests } from './capture/cursor-store.js';
export { leaseDataStore, type DataStoreLease } from './capture/data-store-lease.js';
export {
  EntryStore,
  PENDING,
  type EntryRow,
  type KnownEntry,
  type Occurrence,
  type Pending,
  type PendingEntry,
  type Population,
  type PublishedEntry,
  type StoredEntry,
} from './capture/entry-store.js';
export { NameStore, type MemberChange, type MemberName, type ReferenceName } from './capture/name-store.js';
export { mappingSchema } from './mapping/schema.js';
export {
  ConnectionStore,
  evaluationLock,
  type KnownConnection,
  type SeenConnection,
} from './mapping/connection-store.js';
export { ledgerKey, LedgerStore, type LedgerRow } from './mapping/ledger-store.js';
export { ScopeGroupStore, type ScopeGroup } from './mapping/scope-group-store.js';
export { dispatchSchema } from './dispatch/schema.js';
export { CONTROL_CHANNEL, ControlStore, type ControlEffect } from './dispatch/control-store.js';
export {
  MEMBER,
  NEVER,
  type EdgeEnds,
  type EdgeSettlement,
  type EdgeVerdict,
  type EdgeWork,
  type LinkedReference,
  type SettledEdge,
  type ShownReferences,
  type WaitingEdge,
} from './dispatch/edge.js';
export { EdgeStore } from './dispatch/edge-store.js';
export {
  foldCommands,
  type Folded,
  type IngestedCommand,
  type KnownObject,
  type SupersededVersion,
} from './dispatch/fold-commands.js';
export { AccountingStore, type Accounting } from './dispatch/accounting-store.js';
export { type HoldDecision, type RejectionRecords } from './dispatch/decide-holds.js';
export { type HoldSelection } from './dispatch/hold-selection.js';
export { GuardStore, type SentMembershipEnd } from './dispatch/guard-store.js';
export { HoldStore, type HoldsEnd, type HoldsPage, type OpenHold } from './dispatch/hold-store.js';
export { IngestStore, type IngestAnswer, type IngestRequest } from './dispatch/ingest-store.js';
export { LimitStore, SLICES, type Reservation, type WindowRule } from './dispatch/limit-store.js';
export {
  FencedError,
  OwnershipStore,
  type ConnectionState,
  type Fence,
  type Ownership,
  type Quarantine,
} from './dispatch/ownership-store.js';
export type { MembershipFinding } from './dispatch/compared-memberships.js';
export type { ReferenceFinding } from './dispatch/compared-references.js';
export type {
  Finding,
  LinkedObject,
  ListedPage,
  ReconciliationRun,
  RunCounts,
  RunPosition,
  RunSample,
} from './dispatch/reconciliation-run.js';
export { ReconciliationStore, REPAIR_REASON } from './dispatch/reconciliation-store.js';
export {
  SettleStore,
  type IntentItem,
  type IntentVerdict,
  type SettleItem,
  type SettleVerdict,
} from './dispatch/settle-store.js';
export { StatusStore, type ConnectionCounts, type EdgeStatus, type ObjectStatus } from './dispatch/status-store.js';
export {
  keyOf,
  type AppliedState,
  type LastOutcome,
  type ObjectKey,
  type TargetObject,
  type TargetObjectPhase,
} from './dispatch/target-object.js';
export { WorkStore, type DuePage, type PageEnd } from './dispatch/work-store.js';
export { adminSchema } from './admin/schema.js';
export { AuditStore, type AuditEntry, type StoredAuditEntry } from './admin/audit-store.js';
export {
  ConfigurationStore,
  type DocumentChange,
  type DocumentVersion,
  type DocumentWrite,
  type StoredDocument,
} from './admin/configuration-store.js';
export {
  DeadLetterStore,
  type ArrivedDeadLetter,
  type DeadLetterFilter,
  type StoredDeadLetter,
} from './admin/dead-letter-store.js';
export { ObjectStore, type FailureGroup, type ObjectSummary } from './admin/object-store.js';
export { ResultStore, type ResultQuery, type StoredResult } from './admin/result-store.js';
export { SecretStore, type StoredSecret } from './admin/secret-store.js';
