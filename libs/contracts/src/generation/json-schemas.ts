import { z } from 'zod';
import { dataStore } from '../documents/data-store.js';
import { document } from '../documents/document.js';
import { spConnection } from '../documents/sp-connection.js';
import { configurationRecord } from '../messages/configuration-record.js';
import { controlCommand } from '../messages/control-command.js';
import { deadLetter } from '../messages/dead-letter.js';
import { identityChange } from '../messages/identity-change.js';
import { identityIntake } from '../messages/identity-intake.js';
import { provisioningCommand } from '../messages/provisioning-command.js';
import { provisioningResult } from '../messages/provisioning-result.js';

/** A JSON Schema (2020-12) as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const SOURCES = {
  'identity-change': { schema: identityChange, title: 'Identity change' },
  'identity-intake': { schema: identityIntake, title: 'Identity intake' },
  'provisioning-command': { schema: provisioningCommand, title: 'Provisioning command' },
  'provisioning-result': { schema: provisioningResult, title: 'Provisioning result' },
  'configuration-record': { schema: configurationRecord, title: 'Configuration record' },
  'control-command': { schema: controlCommand, title: 'Control command' },
  'dead-letter': { schema: deadLetter, title: 'Dead letter' },
  'data-store': { schema: dataStore, title: 'Data store' },
  'sp-connection': { schema: spConnection, title: 'SP connection' },
  configuration: { schema: document, title: 'Configuration document' },
} as const;

export type SchemaName = keyof typeof SOURCES;
export const SCHEMA_NAMES = Object.keys(SOURCES) as SchemaName[];

/** The JSON Schema of a message or a configuration document, as it is written: what has a default may be left out. */
export function jsonSchema(name: SchemaName): JsonSchema {
  const { schema, title } = SOURCES[name];
  const { $schema, ...generated } = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' });
  return { $schema, $id: `urn:provisor:schema:${name}:v1`, title, ...generated };
}

/** Name of the schema that a topic's records have. */
export function schemaNameOf(schema: z.ZodType): SchemaName {
  const name = SCHEMA_NAMES.find((candidate) => SOURCES[candidate].schema === (schema as unknown));
  if (name === undefined) throw new Error('A topic carries records of a schema that is not published.');
  return name;
}
