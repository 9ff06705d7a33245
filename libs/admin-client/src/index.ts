export { AdminClient, type AdminClientOptions } from './admin-client.js';
export type { Call, CallOptions, QueryValue } from './call.js';
export { ProblemError, UnreachableError, type ProblemDetail } from './problem-error.js';
export type {
  ApplyReport,
  AuditPage,
  ControlAccepted,
  DataStoreStatus,
  DeadLetterHead,
  DeadLetterPage,
  DeadLetterStory,
  Document,
  DocumentChange,
  DocumentInput,
  DocumentRecord,
  DocumentVersion,
  Hold,
  HoldsPage,
  ObjectExplanation,
  ObjectSummary,
  ProvisioningResult,
  ReplayReport,
  ResultPage,
  ResultStream,
  Secrets,
  SpConnectionStatus,
  Status,
  Timeline,
} from './generated/admin-operations.js';
