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
  ReadRequest,
  RemoveRequest,
  TargetDescription,
  TargetReferences,
  UpdateRequest,
} from './connector/connector.js';
export { ConfigurationProblem, type ConfigurationFault } from './problem/configuration-problem.js';
export { compileConnection, scopeGroupsOf } from './connection/compile-connection.js';
export type { CompiledChannel, CompiledConnection } from './connection/compiled-connection.js';
export { evaluate } from './evaluation/evaluate.js';
export type { Evaluation, GroupResolver, MappingProblem } from './evaluation/evaluation.js';
export { desiredHash } from './evaluation/desired-hash.js';
export { canonicalJson } from './evaluation/canonical-json.js';
export {
  decideCommand,
  isKnownVersion,
  type Decision,
  type EvaluationOccasion,
  type NoCommandReason,
  type PlannedCommand,
} from './command/decide-command.js';
export type { LedgerEntry } from './command/ledger-entry.js';
export { compareVersions } from './version/compare-versions.js';
export { plan, type Knowledge } from './planning/plan.js';
export { isRemoval, type Intent } from './planning/intent.js';
export { applyIntent, beginCreate } from './planning/apply-intent.js';
export { contradicted, judgeReadBack, type ReadBack, type SeenAccount } from './planning/read-back.js';
export { resolveRead } from './planning/read-sent.js';
export { resolveMatch, type MatchDecision } from './planning/resolve-match.js';
export {
  applyDifference,
  diffAttributes,
  isGenerated,
  sameValue,
  type AttributeDifference,
  UNKNOWN_VALUE,
} from './planning/attribute-difference.js';
export type { AppliedState, TargetLink, TargetObjectState } from './planning/target-object-state.js';
export { settle, type Attempt, type Settlement } from './settlement/settle.js';
export { AccountHashes, accountHash, HASH_BYTES } from './reconciliation/account-hashes.js';
export {
  compareAccount,
  type Comparison,
  type ComparisonRules,
  type ExpectedAccount,
} from './reconciliation/compare-account.js';
export { GroupComparison, type KnownMembership } from './reconciliation/compare-members.js';
export { compareReferences, type KnownReference } from './reconciliation/compare-references.js';
export { decideMissing, decideMissingMembers, type MissingDecision } from './reconciliation/decide-missing.js';
export { blankedPaths } from './guard/blanked-paths.js';
export { changeGuard, changeLimit, type ChangeCounts } from './guard/change-guard.js';
export { ChangeWindow } from './guard/change-window.js';
export {
  MembershipGuard,
  type MembershipBudgets,
  type MembershipEnd,
  type MembershipPopulations,
} from './guard/membership-guard.js';
export { parseFilter } from './scope/parse-filter.js';
export { printFilter } from './scope/print-filter.js';
export { matchesFilter } from './scope/match-filter.js';
export { FilterProblem, type Filter } from './scope/filter.js';
export {
  DnProblem,
  escapeDnValue,
  isUnder,
  normalizeDn,
  normalizedRdns,
  parseDn,
  type Dn,
  type DnAttribute,
  type Rdn,
  type SearchScope,
} from './scope/dn.js';
export { parseTargetPath, TargetPathProblem, type TargetPath } from './attribute-mapping/target-path.js';
export { compileExpression, ExpressionProblem } from './attribute-mapping/expression.js';
export {
  SourceProblem,
  type FeedCursor,
  type FeedLook,
  type ObjectSource,
  type SourceDescription,
  type SourceInstant,
  type SourceItem,
  type SourceObject,
  type SourceProblemKind,
  type Touch,
} from './source/source.js';
