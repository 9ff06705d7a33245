import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  EmbeddedProblem,
  startChild,
  startDirectory,
  startKafka,
  startPostgres,
  waitUntil,
  type EmbeddedDirectory,
  type EmbeddedPostgres,
  type ManagedChild,
} from '@provisor/embedded';
import { silentLogger } from '@provisor/telemetry';
import { startBetterAuth, startScimmy, startSimulator, type ServiceProvider } from '@provisor/testing';
import { BASE_DN, generateOrganisation } from '../organisation/organisation.js';
import { toLdif } from '../organisation/ldif.js';
import type { ServiceProviderName } from '../arguments.js';
import type { Screen } from '../terminal/screen.js';
import { configurationFile } from './configuration-file.js';
import type { DemoState } from './demo-state.js';

/** Everything that runs in a demo. */
export interface World {
  readonly directory: EmbeddedDirectory;
  readonly providerUrl: string;
  readonly providerToken: string;
  readonly adminUrl: string;
  readonly adminToken: string;
  readonly adminTokenFile: string;
  readonly configFile: string;
  /** Resolves with a sentence when something ends by itself. */
  readonly failed: Promise<string>;
}

interface Stoppable {
  stop(): Promise<void>;
}

const READY_MS = 120_000;

/** Starts the parts and stops them again, in the opposite order, in whatever state the start was left. */
export class WorldBuilder {
  readonly #dir: string;
  readonly #state: DemoState;
  readonly #screen: Screen;
  readonly #started: Stoppable[] = [];
  readonly #failed = Promise.withResolvers<string>();

  constructor(dir: string, state: DemoState, screen: Screen) {
    this.#dir = dir;
    this.#state = state;
    this.#screen = screen;
  }

  async start(): Promise<World> {
    const { ports, token } = this.#state;
    const directory = this.#screen.step(`LDAP directory with ${this.#state.users} people`, () =>
      this.#startDirectory(),
    );
    const kafka = this.#screen.step('Apache Kafka', () =>
      this.#keep('Kafka', startKafka({ dir: join(this.#dir, 'kafka'), port: ports.kafka, log: silentLogger })),
    );
    const provider = this.#screen.step('PostgreSQL and the service provider', () => this.#startProvider());
    const settled = await Promise.allSettled([directory, kafka, provider]);
    for (const result of settled) if (result.status === 'rejected') throw result.reason;
    const [runningDirectory, runningKafka, running] = [await directory, await kafka, await provider];

    const configFile = join(this.#dir, 'provisor.yaml');
    const { url: directoryUrl, bindDn } = runningDirectory;
    writeFileSync(
      configFile,
      configurationFile({
        directoryUrl,
        bindDn,
        providerUrl: running.url,
        profile: profileOf(this.#state.serviceProvider),
      }),
    );
    const adminUrl = `http://127.0.0.1:${ports.admin}`;
    await this.#screen.step('Provisor', () =>
      this.#startProvisor(adminUrl, {
        KAFKA_BROKERS: runningKafka.brokers,
        DATABASE_URL: running.postgres.url('provisor'),
        DIRECTORY_PASSWORD: runningDirectory.password,
        INTRANET_TOKEN: token,
      }),
    );
    const adminTokenFile = join(this.#dir, 'provisor', 'admin-token');
    return {
      directory: runningDirectory,
      providerUrl: running.url,
      providerToken: token,
      adminUrl,
      adminTokenFile,
      adminToken: readFileSync(adminTokenFile, 'utf8').trim(),
      configFile,
      failed: this.#failed.promise,
    };
  }

  async stop(): Promise<void> {
    for (const part of this.#started.splice(0).reverse()) await part.stop();
  }

  #startDirectory(): Promise<EmbeddedDirectory> {
    const ldif = join(this.#dir, 'organisation.ldif');
    writeFileSync(ldif, toLdif(generateOrganisation(this.#state)));
    const options = { baseDn: BASE_DN, dataDir: join(this.#dir, 'directory'), port: this.#state.ports.directory, ldif };
    return this.#keep('The directory', startDirectory(options));
  }

  async #startProvider(): Promise<{ url: string; postgres: EmbeddedPostgres }> {
    const { ports, token } = this.#state;
    const databases = ['provisor', 'service_provider'];
    const options = { dir: join(this.#dir, 'postgres'), port: ports.postgres, databases, log: silentLogger };
    const postgres = await this.#keep('PostgreSQL', startPostgres(options));
    const tenants = { main: token };
    const start = (): Promise<ServiceProvider> => {
      if (this.#state.serviceProvider === 'scimmy') return startScimmy({ port: ports.provider, tenants });
      if (this.#state.serviceProvider === 'simulator') return startSimulator({ port: ports.provider, token });
      const dir = join(this.#dir, 'service-provider');
      return startBetterAuth({ dir, databaseUrl: postgres.url('service_provider'), port: ports.provider, tenants });
    };
    const provider = await this.#keep('The service provider', start());
    return { url: provider.baseUrl, postgres };
  }

  async #startProvisor(url: string, env: Readonly<Record<string, string>>): Promise<void> {
    const program = join(dirname(fileURLToPath(import.meta.resolve('@provisor/standalone'))), 'main.js');
    const dir = join(this.#dir, 'provisor');
    const port = String(this.#state.ports.admin);
    const child = await startChild({
      name: 'Provisor',
      command: process.execPath,
      args: [program, '--data', dir, '--port', port],
      dir,
      logFile: join(dir, 'output.log'),
      env: { ...process.env, ...env },
      graceMs: 30_000,
    });
    await this.#keep('Provisor', Promise.resolve(child));
    await untilReady(child, url);
  }

  /** Remembers what has to be stopped, and notices when it ends before. */
  async #keep<T extends Stoppable & { exited: Promise<unknown> }>(name: string, starting: Promise<T>): Promise<T> {
    const part = await starting;
    this.#started.push(part);
    void part.exited.then(() => {
      if (this.#started.includes(part)) this.#failed.resolve(`${name} ended by itself; its log is in ${this.#dir}.`);
    });
    return part;
  }
}

async function untilReady(child: ManagedChild, url: string): Promise<void> {
  const answers = (): Promise<boolean> =>
    fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(3000) }).then(
      (response) => response.ok,
      () => false,
    );
  const ready = await waitUntil(async () => !child.running() || (await answers()), {
    timeoutMs: READY_MS,
    everyMs: 100,
  });
  if (ready && child.running()) return;
  throw new EmbeddedProblem(`Provisor did not start: ${child.tail()}`, `See ${child.logFile}.`);
}

/** The vendor profile of the SCIM connector that goes with it. */
const profileOf = (name: ServiceProviderName): string => (name === 'simulator' ? 'scim-2.0' : name);
