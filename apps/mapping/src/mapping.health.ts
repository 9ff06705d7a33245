import type { HealthReport } from '@provisor/host';
import type { KafkaStrategy } from '@provisor/kafka';
import type { Database } from '@provisor/persistence';
import type { ConnectionCatalog } from './configuration/connection-catalog.js';
import type { EvaluationKeeper } from './evaluation/evaluation-keeper.js';
import type { ScopeGroups } from './groups/scope-groups.js';

export interface HealthSources {
  readonly strategy: KafkaStrategy;
  readonly database: Database;
  readonly catalog: ConnectionCatalog;
  readonly groups: ScopeGroups;
  readonly keeper: EvaluationKeeper;
}

/** How long health waits for the database. */
const PATIENCE_MS = 800;

/** A broker or database that is away makes the service unready; only a consumer that stalls again and again asks for a restart. */
export async function mappingHealth({
  strategy,
  database,
  catalog,
  groups,
  keeper,
}: HealthSources): Promise<HealthReport> {
  const consumer = strategy.health();
  const { entries, scopeGroups } = catalog.current;
  const answers = await answersSoon(database);
  return {
    live: consumer?.healthy !== false,
    ready: answers && consumer?.joined === true,
    details: {
      database: answers ? 'answers' : 'does not answer',
      consumer: consumer?.joined === true ? 'member of its group' : 'not a member of its group',
      partitions: consumer?.assigned.length ?? 0,
      queued: consumer?.queued ?? 0,
      struggling: consumer?.struggling ?? [],
      evaluating: keeper.running,
      spConnections: [...entries.values()].map(({ name, version, connection, problem }) => ({
        name,
        version,
        state: problem === undefined ? (connection?.active === true ? 'active' : 'inactive') : 'unusable',
        ...(problem === undefined ? {} : { problem }),
      })),
      /** Nobody is taken in or out by a scope that waits for one of these. */
      unknownGroups: groups.unresolved(scopeGroups),
    },
  };
}

async function answersSoon(database: Database): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), PATIENCE_MS);
  const answer = database.ping().then(
    () => true,
    () => false,
  );
  return Promise.race([answer, late.promise]).finally(() => clearTimeout(timer));
}
