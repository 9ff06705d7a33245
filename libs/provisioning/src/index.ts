export type { Applied, CallOutcome, Halted, Rejected, Retryable, Vanished } from './outcome/outcome.js';
export type {
  CallContext,
  Connector,
  CreateRequest,
  FoundAccount,
  FoundAccountWithKeys,
  ListAnswer,
  ListRequest,
  LookupAnswer,
  LookupRequest,
  MemberReference,
  MembersOutcome,
  MembersRequest,
  RemoveRequest,
  TargetDescription,
  TargetReferences,
  UpdateRequest,
} from './connector/connector.js';
