export * as values from './messages/values.js';
export {
  LANES,
  type GeneratedValue,
  holdKind,
  type HoldKind,
  type Lane,
  type ObjectType,
  type Presence,
  type SealedValue,
  type SourceAttributes,
  type SourceValue,
  type TargetAttributes,
  type TargetValue,
  type Version,
} from './messages/values.js';
export { identityChange, type IdentityChange } from './messages/identity-change.js';
export { identityIntake, type IdentityIntake } from './messages/identity-intake.js';
export {
  desiredState,
  provisioningCommand,
  type DesiredState,
  type ProvisioningCommand,
} from './messages/provisioning-command.js';
export {
  operation,
  outcomeKind,
  provisioningResult,
  type Operation,
  type OutcomeKind,
  type ProvisioningResult,
} from './messages/provisioning-result.js';
export { controlCommand, type ControlCommand } from './messages/control-command.js';
export { deadLetter, type DeadLetter } from './messages/dead-letter.js';
export { configurationRecord, type ConfigurationRecord } from './messages/configuration-record.js';
export { secretReference, type SecretReference } from './documents/secret.js';
export { duration, durationMs } from './documents/duration.js';
export {
  accountStatus,
  dataStore,
  type AccountStatus,
  type DataStore,
  type DataStoreSpec,
  type LdapDataStoreSpec,
} from './documents/data-store.js';
export { attributeRule, type AttributeRule } from './documents/attribute-rule.js';
export {
  limitScopeOf,
  scimTarget,
  spConnection,
  TARGET_TYPES,
  type ChangeBudget,
  type Channel,
  type ChannelScope,
  type Limits,
  type Policy,
  type ScimTarget,
  type SpConnection,
  type SpConnectionSpec,
  type Target,
  type TargetAuth,
  type TargetType,
} from './documents/sp-connection.js';
export {
  DOCUMENT_KINDS,
  document,
  documentKey,
  type Document,
  type DocumentInput,
  type DocumentKind,
} from './documents/document.js';
export {
  describeProblem,
  readConfiguration,
  type ConfigurationFileProblem,
  type ReadConfiguration,
  type ReadConfigurationOptions,
} from './documents/read-configuration.js';
export { formatPath, parsePath } from './documents/document-path.js';
export { didYouMean } from './documents/did-you-mean.js';
export type { TopicContract } from './topics/topic.js';
export {
  ALL_TOPICS,
  identityChanges,
  identityIntakeTopic,
  MAX_RECORD_BYTES,
  dispatcherGroup,
  provisioningCommands,
  provisioningConfig,
  provisioningControl,
  provisioningDeadLetters,
  provisioningResults,
} from './topics/topics.js';
export {
  decodeRecord,
  encodeRecord,
  type Decoded,
  type DecodeErrorCode,
  type EncodedRecord,
  type EventMeta,
} from './topics/cloud-event.js';
