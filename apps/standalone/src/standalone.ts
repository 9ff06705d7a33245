import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { requireFreePort } from '@provisor/embedded';
import { startService, type StartedService } from '@provisor/host';
import { createLogger, startTelemetry, type Logger, type Telemetry } from '@provisor/telemetry';
import { applyConfiguration } from './apply-configuration.js';
import type { StandaloneArguments } from './arguments.js';
import { startBackends, type Backends } from './embedded-services.js';
import { openInstallation, type Installation } from './installation.js';
import { serviceEnvironment } from './service-environment.js';
import { standaloneService } from './standalone.service.js';

const NAME = 'standalone';

export interface Standalone {
  /** For people. */
  readonly summary: string;
  stop(): Promise<void>;
}

/** What is running, so that it can be stopped in whatever state the start was left. */
interface Running {
  telemetry?: Telemetry;
  backends?: Backends;
  service?: StartedService;
}

/** Starts everything and applies the configuration. On a failure what was started is stopped again. */
export async function startStandalone(
  args: StandaloneArguments,
  env: NodeJS.ProcessEnv,
  onFailed: (error: unknown) => void,
): Promise<Standalone> {
  const running: Running = {};
  try {
    await requireFreePort(args.port, 'the admin API');
    const installation = openInstallation(args.data);
    const log = loggerOf(args, installation, env);
    const telemetry = (running.telemetry = startTelemetry({ service: 'provisor', version: '0.1.0' }));
    const backends = (running.backends = await startBackends({ env, dir: installation.dir, log }));
    void backends.failed.then((sentence) => onFailed(new Error(sentence)));
    running.service = await startService(standaloneService(telemetry), {
      env: serviceEnvironment({
        env,
        installation,
        port: args.port,
        kafkaBrokers: backends.kafkaBrokers,
        databaseUrl: backends.databaseUrl,
        internalToken: randomBytes(24).toString('base64url'),
      }),
      log,
      telemetry,
      onFailed,
    });
    const url = `http://127.0.0.1:${args.port}`;
    const token = env['ADMIN_TOKEN'] ?? installation.token;
    const applied = args.config.length === 0 ? '' : await applyConfiguration(args.config, { url, token });
    return { summary: summaryOf({ url, applied, installation, backends, args }), stop: () => stopAll(running) };
  } catch (error) {
    await stopAll(running);
    throw error;
  }
}

function loggerOf(args: StandaloneArguments, installation: Installation, env: NodeJS.ProcessEnv): Logger {
  const file = args.log ?? join(installation.dir, 'provisor.log');
  const level = env['LOG_LEVEL'] ?? 'info';
  if (file === '-') return createLogger({ service: NAME, level });
  return createLogger({ service: NAME, level, destination: createWriteStream(file, { flags: 'a', mode: 0o600 }) });
}

/** Services before what they work with. An embedded component that ended by itself is no obstacle. */
async function stopAll({ service, telemetry, backends }: Running): Promise<void> {
  try {
    await service?.stop();
  } finally {
    await Promise.allSettled([telemetry?.shutdown(), backends?.stop()]);
  }
}

function summaryOf(o: {
  url: string;
  applied: string;
  installation: Installation;
  backends: Backends;
  args: StandaloneArguments;
}): string {
  const { url, applied, installation, backends, args } = o;
  return [
    'Provisor is running.',
    '',
    `  admin API     ${url}/v1 (OpenAPI: ${url}/v1/openapi.json)`,
    `  admin token   ${installation.tokenFile}`,
    `  health        ${url}/health/ready`,
    `  metrics       ${url}/metrics`,
    ...backends.described.map((text) => `  works with    ${text}`),
    `  data          ${installation.dir}`,
    ...(args.log === '-' ? [] : [`  log           ${args.log ?? join(installation.dir, 'provisor.log')}`]),
    ...(applied === '' ? [] : ['', applied]),
    '',
    `  export PROVISOR_URL=${url} PROVISOR_TOKEN_FILE=${installation.tokenFile}`,
    '  npx provisor status',
    '',
    'Ctrl-C stops it.',
  ].join('\n');
}
