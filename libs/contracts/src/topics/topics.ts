import { documentKey } from '../documents/document.js';
import { TARGET_TYPES } from '../documents/sp-connection.js';
import { configurationRecord, type ConfigurationRecord } from '../messages/configuration-record.js';
import { controlCommand, type ControlCommand } from '../messages/control-command.js';
import { deadLetter, type DeadLetter } from '../messages/dead-letter.js';
import { identityChange, type IdentityChange } from '../messages/identity-change.js';
import { identityIntake, type IdentityIntake } from '../messages/identity-intake.js';
import { provisioningCommand, type ProvisioningCommand } from '../messages/provisioning-command.js';
import { provisioningResult, type ProvisioningResult } from '../messages/provisioning-result.js';
import type { TopicContract } from './topic.js';

const DAY = 86_400_000;
/** Largest record on any topic, in bytes. */
export const MAX_RECORD_BYTES = 1_048_576;
const size = { 'max.message.bytes': String(MAX_RECORD_BYTES) };
const compacted = { 'cleanup.policy': 'compact', 'delete.retention.ms': String(7 * DAY), ...size };
const kept = (days: number) => ({ 'cleanup.policy': 'delete', 'retention.ms': String(days * DAY), ...size });

export const identityChanges: TopicContract<IdentityChange> = {
  name: 'identity.changes.v1',
  type: 'dev.provisor.identity.changed.v1',
  title:
    'The state of one object after a change, or its deletion: the log of changes and the snapshot of everyone at once',
  keyDescription: '<dataStore>:<objectId>',
  schema: identityChange,
  key: (change) => `${change.dataStore}:${change.objectId}`,
  partitions: 12,
  config: compacted,
};

export const identityIntakeTopic: TopicContract<IdentityIntake> = {
  name: 'identity.intake.v1',
  type: 'dev.provisor.identity.reported.v1',
  title: 'Where other components emit what they know of their objects',
  keyDescription: 'the object id at the emitter',
  schema: identityIntake,
  key: (intake) => intake.objectId,
  partitions: 12,
  config: kept(7),
};

export const provisioningCommands = (targetType: string): TopicContract<ProvisioningCommand> => ({
  name: `provisioning.commands.${targetType}.v1`,
  type: 'dev.provisor.provisioning.command.v1',
  title: `Desired states for SP connections of type ${targetType}`,
  keyDescription: 'the limit scope: every command of an SP connection is in one partition',
  schema: provisioningCommand,
  key: (command) => command.spConnection,
  partitions: 12,
  config: kept(7),
});

/** The consumer group of the dispatchers of one target type. */
export const dispatcherGroup = (targetType: string): string => `provisor.dispatcher.${targetType}`;

export const provisioningResults: TopicContract<ProvisioningResult> = {
  name: 'provisioning.results.v1',
  type: 'dev.provisor.provisioning.result.v1',
  title: 'One record per finished attempt and per decision not to act',
  keyDescription: '<spConnection>:<objectId>',
  schema: provisioningResult,
  key: (result) => `${result.spConnection}:${result.objectId}`,
  partitions: 12,
  config: kept(30),
};

export const provisioningConfig: TopicContract<ConfigurationRecord> = {
  name: 'provisioning.config.v1',
  type: 'dev.provisor.provisioning.config.v1',
  title: 'Each data store and SP connection as stored, versioned; secrets are references or encrypted',
  keyDescription: '<kind>/<name>',
  schema: configurationRecord,
  key: (record) => documentKey(record.document.kind, record.document.metadata.name),
  partitions: 1,
  config: compacted,
};

export const provisioningControl: TopicContract<ControlCommand> = {
  name: 'provisioning.control.v1',
  type: 'dev.provisor.provisioning.control.v1',
  title: 'What operators ask for: pause, resume, provision now, reconcile, approve, reject, replay',
  keyDescription: 'the SP connection or data store it is about',
  schema: controlCommand,
  key: (command) =>
    'spConnection' in command
      ? command.spConnection
      : 'dataStore' in command
        ? command.dataStore
        : command.deadLetterId,
  partitions: 1,
  config: kept(7),
};

export const provisioningDeadLetters: TopicContract<DeadLetter> = {
  name: 'provisioning.dead-letters.v1',
  type: 'dev.provisor.provisioning.dead-letter.v1',
  title: 'Records that nobody can process, with cause and origin',
  keyDescription: '<topic>/<partition>/<offset> of the record that failed',
  schema: deadLetter,
  key: (letter) => letter.id,
  partitions: 3,
  config: kept(30),
};

/** Every topic of an installation. */
export const ALL_TOPICS: readonly TopicContract<never>[] = [
  identityChanges,
  identityIntakeTopic,
  ...TARGET_TYPES.map(provisioningCommands),
  provisioningResults,
  provisioningConfig,
  provisioningControl,
  provisioningDeadLetters,
] as unknown as readonly TopicContract<never>[];
