import { adminApiService } from '@provisor/admin-api';
import { changeCaptureService } from '@provisor/change-capture';
import { TARGET_TYPES } from '@provisor/contracts';
import { dispatcherService } from '@provisor/dispatcher';
import {
  commonConfig,
  defineConfig,
  startService,
  type CommonConfig,
  type Environment,
  type HealthReport,
  type HostConfig,
  type RunningService,
  type ServiceContext,
  type ServiceDefinition,
  type StartedService,
} from '@provisor/host';
import { mappingService } from '@provisor/mapping';
import type { Telemetry } from '@provisor/telemetry';

type Part = (o: PartOptions) => Promise<StartedService>;
interface PartOptions {
  readonly context: ServiceContext<CommonConfig>;
  readonly telemetry: Telemetry;
}

/** The services in the order in which a change passes through them. */
const PARTS: readonly Part[] = [
  part(changeCaptureService),
  part(mappingService),
  ...TARGET_TYPES.map((type) => part(dispatcherService, { TARGET_TYPE: type })),
  part(adminApiService),
];

/**
 * All services as one: each has its own consumers, tables and outbox as it has in a process of its own, and they speak through the
 * topics alone; they share the process, its telemetry and one HTTP port.
 */
export function standaloneService(telemetry: Telemetry): ServiceDefinition<CommonConfig> {
  return {
    name: 'standalone',
    config: defineConfig(commonConfig),
    start: async (context) => new Together(await startAll({ context, telemetry })),
  };
}

function part<C extends HostConfig>(definition: ServiceDefinition<C>, env: Environment = {}): Part {
  return ({ context, telemetry }) =>
    startService(definition, {
      env: { ...context.env, ...env },
      log: context.log.child({ part: definition.name }),
      telemetry,
      clock: context.clock,
      onFailed: (error) => context.fail(error),
      serveHealth: false,
      mount: (prefix, handler) => context.mount(prefix, handler),
    });
}

/** Where one does not start, the others are stopped again. */
async function startAll(o: PartOptions): Promise<readonly StartedService[]> {
  const settled = await Promise.allSettled(PARTS.map((start) => start(o)));
  const started = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = settled.find((result) => result.status === 'rejected');
  if (failed === undefined) return started;
  await Promise.allSettled(started.map((service) => service.stop()));
  throw failed.reason;
}

class Together implements RunningService {
  readonly #parts: readonly StartedService[];

  constructor(parts: readonly StartedService[]) {
    this.#parts = parts;
  }

  async health(): Promise<HealthReport> {
    const reports = await Promise.all(this.#parts.map(async (each) => [each.name, await each.health()] as const));
    return {
      live: reports.every(([, report]) => report.live),
      ready: reports.every(([, report]) => report.ready),
      details: {
        ...Object.fromEntries(reports.map(([name, { live, ready, details }]) => [name, { live, ready, ...details }])),
        // Where the admin API looks for the state of data stores.
        dataStores: reports.find(([name]) => name === changeCaptureService.name)?.[1].details['dataStores'] ?? {},
      },
    };
  }

  /** In the order of the pipeline, so that what a stage still sends finds the next one at work. */
  async stop(): Promise<void> {
    const failures: unknown[] = [];
    for (const each of this.#parts) await each.stop().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}
