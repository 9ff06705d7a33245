import type { ServiceSchema } from '../database/service-schema.js';
import { outboxMigration } from '../outbox/outbox-migration.js';
import { CreateAdminTables1767225600000 } from './migrations/create-admin-tables.js';

export const adminSchema: ServiceSchema = {
  name: 'admin',
  migrations: [outboxMigration('admin'), CreateAdminTables1767225600000],
  entities: [],
};
