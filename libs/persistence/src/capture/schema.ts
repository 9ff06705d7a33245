import type { ServiceSchema } from '../database/service-schema.js';
import { outboxMigration } from '../outbox/outbox-migration.js';
import { CreateCaptureTables1767225600000 } from './migrations/create-capture-tables.js';

export const captureSchema: ServiceSchema = {
  name: 'capture',
  migrations: [outboxMigration('capture'), CreateCaptureTables1767225600000],
  entities: [],
};
