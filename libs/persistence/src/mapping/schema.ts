import type { ServiceSchema } from '../database/service-schema.js';
import { CreateMappingTables1767225600001 } from './migrations/create-mapping-tables.js';

export const mappingSchema: ServiceSchema = {
  name: 'mapping',
  migrations: [CreateMappingTables1767225600001],
  entities: [],
};
