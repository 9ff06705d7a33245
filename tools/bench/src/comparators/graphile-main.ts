import { Logger, run } from 'graphile-worker';
import { Patcher } from './patch.js';

/* A job queue in PostgreSQL with a serial queue for each user, as its manual says, and the same request by undici in each job. */
export interface GraphileSettings {
  readonly databaseUrl: string;
  readonly inFlight: number;
  readonly scim: { readonly baseUrl: string; readonly token: string };
}

const settings = JSON.parse(process.env['BENCH_GRAPHILE'] ?? '{}') as GraphileSettings;
const patcher = new Patcher({ ...settings.scim, connections: settings.inFlight });

await run({
  connectionString: settings.databaseUrl,
  concurrency: settings.inFlight,
  maxPoolSize: 20,
  pollInterval: 200,
  noHandleSignals: true,
  logger: new Logger(() => () => undefined),
  taskList: {
    update: async (payload) => {
      const { id, number } = payload as { id: string; number: number };
      await patcher.patch(id, number);
    },
  },
});
process.once('SIGTERM', () => process.exit(0));
