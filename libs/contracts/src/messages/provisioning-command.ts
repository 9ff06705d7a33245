import { z } from 'zod';
import { instant, lane, name, objectId, objectType, presence, targetAttributes, version } from './values.js';

/** What an account or group should be. An absent field says nothing: what was desired before stays desired. */
export const desiredState = z.object({
  presence,
  attributes: targetAttributes.optional(),
  memberOf: z
    .array(objectId)
    .optional()
    .describe('Object ids of the groups of the same data store that the object should be a member of'),
  references: z.record(z.string(), objectId).optional().describe('Target path to the object id that it should name'),
});
export type DesiredState = z.infer<typeof desiredState>;

/** Desired state of one object at one SP connection. */
export const provisioningCommand = z.object({
  spConnection: name,
  channel: name,
  objectId,
  dataStore: name,
  objectType,
  version,
  desired: desiredState,
  createOnly: z.array(z.string()).optional().describe('Target paths that are sent at create only'),
  masked: z.array(z.string()).optional().describe('Target paths whose values are never shown'),
  reason: z
    .string()
    .max(64)
    .describe(
      'A short code why the command was made: `attribute-changed`, `entered-scope`, `left-scope`, `deleted`, `disabled`, `enabled`, `configuration-changed`, `moved-channel`',
    ),
  lane,
  label: z
    .string()
    .max(4096)
    .optional()
    .describe('A name for people: DN or user name of the source. Not used for decisions'),
  occurredAt: instant.describe('When the source changed'),
  mappedAt: instant.describe('When the command was made'),
});
export type ProvisioningCommand = z.infer<typeof provisioningCommand>;
