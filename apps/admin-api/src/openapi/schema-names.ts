import {
  attributeRule,
  dataStore,
  deadLetter,
  document,
  provisioningResult,
  secretReference,
  spConnection,
} from '@provisor/contracts';
import { z } from 'zod';

/** Names of the schemas in the OpenAPI document and in the types that are generated from it. */
export const schemaNames = z.registry<{ id: string }>();

schemaNames.add(document, { id: 'Document' });
schemaNames.add(dataStore, { id: 'DataStore' });
schemaNames.add(spConnection, { id: 'SpConnection' });
schemaNames.add(attributeRule, { id: 'AttributeRule' });
schemaNames.add(secretReference, { id: 'SecretReference' });
schemaNames.add(provisioningResult, { id: 'ProvisioningResult' });
schemaNames.add(deadLetter, { id: 'DeadLetter' });

/** Gives a schema of this API its name. */
export function named<T extends z.ZodType>(id: string, schema: T): T {
  schemaNames.add(schema, { id });
  return schema;
}
