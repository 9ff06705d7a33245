import type { ServiceSchema } from '../database/service-schema.js';
import { outboxMigration } from '../outbox/outbox-migration.js';
import { CreateAdminTables1767225600000 } from './migrations/create-admin-tables.js';
import { GrowDeadLetters1767312000000 } from './migrations/grow-dead-letters.js';

export const adminSchema: ServiceSchema = {
  name: 'admin',
  migrations: [outboxMigration('admin'), CreateAdminTables1767225600000, GrowDeadLetters1767312000000],
  entities: [],
};
