import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  document,
  encodeRecord,
  dispatcherGroup,
  provisioningCommands,
  provisioningConfig,
  provisioningControl,
  provisioningResults,
  type ControlCommand,
  type DocumentInput,
  type HoldKind,
  type ProvisioningCommand,
  type ProvisioningResult,
} from '@provisor/contracts';
import { systemClock, type RequestHandler, type RunningService } from '@provisor/host';
import { KafkaClient, type RecordProducer } from '@provisor/kafka';
import { createTestDatabase, startScimTarget, type ScimTarget, type TestDatabase } from '@provisor/testing';
import { createLogger, silentLogger } from '@provisor/telemetry';
import { build } from 'esbuild';
import { dispatcherConfig } from './dispatcher.config.js';
import { dispatcherService } from './dispatcher.service.js';

const log =
  process.env['PROVISOR_TEST_LOG'] === undefined
    ? silentLogger
    : createLogger({ service: 'test', level: 'info', pretty: true });
const commands = provisioningCommands('scim');

export type Spec = Extract<DocumentInput, { kind: 'SpConnection' }>['spec'];

/** A dispatcher with a real broker, a real database and a service provider that keeps a ledger. */
export class Installation {
  readonly prefix: string;
  readonly results: ProvisioningResult[] = [];
  readonly #services = new Set<RunningService>();
  readonly #children = new Set<ChildProcess>();
  readonly #sequences = new Map<string, number>();
  #version = 0;

  private constructor(
    readonly database: TestDatabase,
    readonly target: ScimTarget,
    readonly kafka: KafkaClient,
    readonly producer: RecordProducer,
    prefix: string,
  ) {
    this.prefix = prefix;
  }

  static async open(): Promise<Installation> {
    const prefix = `test-dispatch-${randomBytes(4).toString('hex')}-`;
    const kafka = new KafkaClient(
      { brokers: brokers(), clientId: 'test', topicPrefix: prefix },
      { log, clock: systemClock },
    );
    const topics = [commands, provisioningResults, provisioningConfig, provisioningControl];
    await kafka.admin().ensureTopics(topics, { partitions: 4 });
    const installation = new Installation(
      await createTestDatabase(),
      await startScimTarget(),
      kafka,
      await kafka.producer(),
      prefix,
    );
    const view = kafka.compactedView(provisioningResults, 'test');
    view.onChange((_, result) => void (result !== null && installation.results.push(result)));
    await view.start();
    return installation;
  }

  #environment(): Record<string, string> {
    return {
      KAFKA_BROKERS: brokers().join(','),
      TOPIC_PREFIX: this.prefix,
      DATABASE_URL: this.database.url,
      HTTP_HOST: '127.0.0.1',
      SCIM_TOKEN: this.target.token,
    };
  }

  /** Another instance of the dispatcher. */
  async start(env: Record<string, string> = {}): Promise<Dispatcher> {
    const environment = { ...this.#environment(), ...env };
    const mounted: RequestHandler[] = [];
    const service = await dispatcherService.start({
      config: dispatcherConfig.parse(environment),
      log,
      clock: systemClock,
      env: environment,
      fail: (error) => log.error('failed', { err: error }),
      mount: (_, handler) => void mounted.push(handler),
    });
    this.#services.add(service);
    return new Dispatcher(service, mounted[0]);
  }

  /** An instance in a process of its own. Resolves when it is a member of its group. */
  async startKillable(): Promise<ChildProcess> {
    const child = spawn(process.execPath, [await bundledMain()], {
      env: { ...process.env, ...this.#environment(), HTTP_PORT: '0', LOG_LEVEL: 'info', NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#children.add(child);
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await eventually(() => {
      if (child.exitCode !== null) throw new Error(`The dispatcher ended: ${output.slice(-2_000)}`);
      return output.includes('Partitions assigned');
    }, 'the other process');
    return child;
  }

  /** The next instance reads the commands from their beginning. */
  async forgetOffsets(): Promise<void> {
    await eventually(async () => {
      await this.kafka.admin().forgetGroups([GROUP]);
      return true;
    }, 'the end of the group');
  }

  /** Resolves when every command has been taken in. */
  async ingested(): Promise<void> {
    await eventually(
      async () => {
        const lags = await this.kafka.admin().lag(GROUP, [commands.name]);
        return lags.length > 0 && lags.every(({ lag }) => lag === 0n);
      },
      'the end of the commands',
      60_000,
    );
  }

  async stop(dispatcher: Dispatcher): Promise<void> {
    this.#services.delete(dispatcher.service);
    await dispatcher.close();
  }

  async close(): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    await Promise.all([...this.#services].map((service) => service.stop()));
    await this.kafka.close();
    await this.target.stop();
    await this.database.drop();
  }

  async configure(name: string, spec: Partial<Spec> = {}, tenant = name): Promise<void> {
    const input: DocumentInput = {
      apiVersion: 'provisor/v1',
      kind: 'SpConnection',
      metadata: { name },
      spec: {
        target: {
          type: 'scim',
          baseUrl: this.target.baseUrl(tenant),
          auth: { type: 'bearer', token: { env: 'SCIM_TOKEN' } },
          allowInsecure: true,
        },
        channels: [{ name: 'staff', dataStore: 'corp', attributes: { userName: 'uid', displayName: 'cn' } }],
        ...spec,
      },
    };
    const record = {
      version: (this.#version += 1),
      document: document.parse(input),
      appliedAt: new Date().toISOString(),
      appliedBy: 'test',
    };
    await this.producer.send([{ topic: provisioningConfig.name, ...encodeRecord(provisioningConfig, record, meta()) }]);
  }

  /** The next version of an object's desired state. */
  command(
    name: string,
    objectId: string,
    desired: ProvisioningCommand['desired'],
    more: Partial<ProvisioningCommand> = {},
  ): ProvisioningCommand {
    const sequence = (this.#sequences.get(`${name} ${objectId}`) ?? 0) + 1;
    this.#sequences.set(`${name} ${objectId}`, sequence);
    const now = new Date().toISOString();
    return {
      spConnection: name,
      channel: 'staff',
      objectId,
      dataStore: 'corp',
      objectType: 'user',
      version: { sequence, config: 1 },
      desired,
      reason: 'test',
      lane: 'delta',
      occurredAt: now,
      mappedAt: now,
      ...more,
    };
  }

  async send(...list: readonly ProvisioningCommand[]): Promise<void> {
    const records = list.map((command) => ({ topic: commands.name, ...encodeRecord(commands, command, meta()) }));
    for (let from = 0; from < records.length; from += 500) await this.producer.send(records.slice(from, from + 500));
  }

  async control(command: {
    action: ControlCommand['action'];
    spConnection: string;
    objectId?: string;
    objectIds?: readonly string[];
    kinds?: readonly HoldKind[];
    groupId?: string;
  }): Promise<void> {
    const control = {
      ...command,
      id: randomUUID(),
      requestedBy: 'test',
      requestedAt: new Date().toISOString(),
    } as ControlCommand;
    await this.producer.send([
      { topic: provisioningControl.name, ...encodeRecord(provisioningControl, control, meta()) },
    ]);
  }

  resultsOf(objectId: string): ProvisioningResult[] {
    return this.results.filter((result) => result.objectId === objectId);
  }

  /** Terminal results of object states, edges left out. */
  terminal(name: string): ProvisioningResult[] {
    return this.results.filter(
      (result) =>
        result.spConnection === name &&
        result.terminal &&
        result.members === undefined &&
        result.operation !== 'set-reference',
    );
  }
}

/** One running instance. */
export class Dispatcher {
  readonly service: RunningService;
  readonly #handler: RequestHandler | undefined;

  constructor(service: RunningService, handler: RequestHandler | undefined) {
    this.service = service;
    this.#handler = handler;
  }

  async close(): Promise<void> {
    await this.service.stop();
  }

  /** Asks the internal endpoint. */
  async ask(path: string): Promise<unknown> {
    const server = createServer((request, response) => this.#handler?.(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const response = await fetch(`http://127.0.0.1:${port}/internal${path}`);
      return await response.json();
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }
}

/** The program as one file, so that a process can run it without a build of the workspace. */
async function bundledMain(): Promise<string> {
  const outfile = fileURLToPath(new URL(`../dist/test/main-${randomBytes(4).toString('hex')}.mjs`, import.meta.url));
  await build({
    entryPoints: [fileURLToPath(new URL('main.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    conditions: ['@provisor/source'],
    logLevel: 'silent',
    plugins: [
      {
        name: 'third-party packages stay outside',
        setup: (plugin) =>
          plugin.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
            path.startsWith('@provisor/') || kind === 'entry-point' ? undefined : { path, external: true },
          ),
      },
    ],
  });
  return outfile;
}

const GROUP = dispatcherGroup('scim');
const brokers = (): string[] => (process.env['PROVISOR_TEST_KAFKA'] ?? '').split(',');
const meta = () => ({ id: randomUUID(), source: '/test', time: new Date() });

/** Polls until `check` gives a value, or fails with what it last threw or `what`. */
export async function eventually<T>(
  check: () => T | undefined | false | Promise<T | undefined | false>,
  what: string,
  ms = 30_000,
): Promise<T> {
  const until = Date.now() + ms;
  let last: unknown;
  while (Date.now() < until) {
    try {
      const value = await check();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      last = error;
    }
    await pause(20);
  }
  throw last instanceof Error ? last : new Error(`Not within ${ms} ms: ${what}`);
}
