import { outboxMigration } from '../outbox/outbox-migration.js';
import type { ServiceSchema } from '../database/service-schema.js';
import { CompareMemberships1767225600800 } from './migrations/compare-memberships.js';
import { CreateDispatchTables1767225600100 } from './migrations/create-dispatch-tables.js';
import { CreateAccounting1767225600300 } from './migrations/create-accounting.js';
import { CreateLimitUsage1767225600500 } from './migrations/create-limit-usage.js';
import { CreateReconciliations1767225600400 } from './migrations/create-reconciliations.js';
import { JoinAccountsByHash1767225600700 } from './migrations/join-accounts-by-hash.js';
import { GrowGuards1767225600200 } from './migrations/grow-guards.js';
import { LeaveDocumentsOutOfStatistics1767225600900 } from './migrations/leave-documents-out-of-statistics.js';
import { RememberSentEdges1767225600600 } from './migrations/remember-sent-edges.js';

/** The tables that the dispatcher writes, and nobody else. */
export const dispatchSchema: ServiceSchema = {
  name: 'dispatch',
  migrations: [
    CreateDispatchTables1767225600100,
    outboxMigration('dispatch'),
    GrowGuards1767225600200,
    CreateAccounting1767225600300,
    CreateReconciliations1767225600400,
    CreateLimitUsage1767225600500,
    RememberSentEdges1767225600600,
    JoinAccountsByHash1767225600700,
    CompareMemberships1767225600800,
    LeaveDocumentsOutOfStatistics1767225600900,
  ],
  entities: [],
};
