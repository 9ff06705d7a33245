import { outboxMigration } from '../outbox/outbox-migration.js';
import type { ServiceSchema } from '../database/service-schema.js';
import { CreateDispatchTables1767225600100 } from './migrations/create-dispatch-tables.js';

/** The tables that the dispatcher writes, and nobody else. */
export const dispatchSchema: ServiceSchema = {
  name: 'dispatch',
  migrations: [CreateDispatchTables1767225600100, outboxMigration('dispatch')],
  entities: [],
};
