import type { HealthReport } from '@provisor/host';
import type { KafkaStrategy } from '@provisor/kafka';
import type { Database } from '@provisor/persistence';

/** How long the report waits for the database. */
const PATIENCE_MS = 800;

/** Ready when the database answers and the intake of results is a member of its group. */
export async function healthReport(o: { database: Database; intake: KafkaStrategy }): Promise<HealthReport> {
  const consumer = o.intake.health();
  const database = await answersSoon(o.database);
  return {
    live: consumer?.healthy !== false,
    ready: database && consumer?.joined === true,
    details: {
      database: database ? 'answers' : 'does not answer',
      intake: consumer?.joined === true ? 'member of its group' : 'not a member of its group yet',
      queued: consumer?.queued ?? 0,
      struggling: consumer?.struggling ?? [],
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
