import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  encodeRecord,
  identityChanges,
  provisioningConfig,
  provisioningControl,
  provisioningDeadLetters,
  document as documentSchema,
  type ControlCommand,
  type DeadLetter,
  type IdentityChange,
} from '@provisor/contracts';
import { startDirectory, type EmbeddedDirectory } from '@provisor/embedded';
import { systemClock, type RunningService } from '@provisor/host';
import { KafkaClient, type CompactedView, type ReceivedRecord } from '@provisor/kafka';
import { createLogger, silentLogger } from '@provisor/telemetry';
import { Attribute, Change, Client, Control } from 'ldapts';
import { createTestDatabase, until, type TestDatabase } from '@provisor/testing';
import pg from 'pg';
import { expect } from 'vitest';
import type { CaptureStatus } from './capturer/capture-status.js';
import { changeCaptureConfig } from './change-capture.config.js';
import { changeCaptureService } from './change-capture.service.js';

export const PEOPLE = 1_000;
export const GROUPS = 40;
export const BASE = 'dc=example,dc=org';
export const STORE = 'corp-ldap';
const brokers = (process.env['PROVISOR_TEST_KAFKA'] ?? '127.0.0.1:19092').split(',');
const log =
  process.env['PROVISOR_TEST_LOG'] === undefined
    ? silentLogger
    : createLogger({ service: 'test', level: 'info', pretty: true });

const uuid = (kind: number, index: number) =>
  `${String(kind).padStart(8, '0')}-0000-4000-8000-${String(index).padStart(12, '0')}`;
export const userId = (index: number) => uuid(1, index);
export const groupId = (index: number) => uuid(2, index);
export const userDn = (index: number) => `uid=u${index},ou=${index % 2 === 0 ? 'sales' : 'plant'},ou=people,${BASE}`;
export const groupDn = (index: number) => `cn=g${index},ou=groups,${BASE}`;

/** Person i is in group i mod 40; groups 10 to 39 are in group (i div 10) - 1 … so that nesting is two deep; managers come later in the file. */
function organisation(): string {
  const entry = (dn: string, lines: string[]) => [`dn: ${dn}`, ...lines, ''].join('\n');
  const unit = (name: string, above: string) =>
    entry(`ou=${name},${above}`, ['objectClass: organizationalUnit', `ou: ${name}`]);
  const people = `ou=people,${BASE}`;
  const entries = [
    entry(BASE, ['objectClass: domain', 'dc: example']),
    unit('people', BASE),
    unit('groups', BASE),
    unit('sales', people),
    unit('plant', people),
  ];
  for (let i = 0; i < PEOPLE; i++)
    entries.push(
      entry(userDn(i), [
        ...['objectClass: inetOrgPerson', 'objectClass: nsAccount', `uid: u${i}`, `cn: Person ${i}`, `sn: P${i}`],
        ...[
          `mail: u${i}@example.org`,
          'userPassword: secret',
          `entryUUID: ${userId(i)}`,
          `manager: ${userDn((i + 500) % PEOPLE)}`,
        ],
      ]),
    );
  for (let g = 0; g < GROUPS; g++) {
    const members = Array.from({ length: PEOPLE / GROUPS }, (_, n) => `member: ${userDn(n * GROUPS + g)}`);
    const nested = g < 4 ? [`member: ${groupDn(10 + g)}`] : g >= 10 && g < 14 ? [`member: ${groupDn(20 + g)}`] : [];
    entries.push(
      entry(groupDn(g), ['objectClass: groupOfNames', `cn: g${g}`, `entryUUID: ${groupId(g)}`, ...members, ...nested]),
    );
  }
  return entries.join('\n');
}

/** A directory of its own, change capture before it, and what it says on the topic of identity changes. */
export class CaptureWorld {
  readonly name = `cc${randomBytes(4).toString('hex')}`;
  readonly folder = mkdtempSync(join(tmpdir(), 'provisor-capture-'));
  readonly kafka = new KafkaClient(
    { brokers, clientId: 'capture-test', topicPrefix: `${this.name}.` },
    { log: silentLogger, clock: systemClock },
  );
  directory!: EmbeddedDirectory;
  ldap!: Client;
  view!: CompactedView<IdentityChange>;
  database!: pg.Client;
  service: RunningService | undefined;
  private configVersion = 0;
  private port: number | undefined;

  private testDatabase!: TestDatabase;

  static async open(): Promise<CaptureWorld> {
    const world = new CaptureWorld();
    await world.start();
    return world;
  }

  private async start(): Promise<void> {
    process.stdout.write(`capture world ${this.name}\n`);
    this.testDatabase = await createTestDatabase();
    this.database = new pg.Client(this.testDatabase.url);
    this.database.on('error', () => undefined);
    await this.database.connect();
    writeFileSync(join(this.folder, 'start.ldif'), organisation());
    await this.startDirectory();
    await this.kafka
      .admin()
      .ensureTopics([identityChanges, provisioningConfig, provisioningControl, provisioningDeadLetters], {
        partitions: 3,
        replicationFactor: 1,
      });
    this.view = this.kafka.compactedView(identityChanges);
    await this.view.start();
  }

  async startDirectory(o: { maxSizeLimit?: number; referentialIntegrity?: boolean } = {}): Promise<void> {
    const classPath = process.env['PROVISOR_TEST_DIRECTORY_JAR'];
    this.directory = await startDirectory({
      ...(this.port === undefined ? {} : { port: this.port }),
      baseDn: BASE,
      dataDir: join(this.folder, 'directory'),
      ldif: join(this.folder, 'start.ldif'),
      password: 'secret',
      ...(classPath === undefined ? {} : { classPath }),
      ...o,
    });
    this.port = this.directory.port;
    this.ldap = new Client({ url: this.directory.url });
    await this.ldap.bind(this.directory.bindDn, 'secret');
  }

  async stopDirectory(): Promise<void> {
    await this.ldap.unbind().catch(() => undefined);
    await this.directory.stop();
  }

  async configure(spec: Record<string, unknown> = {}): Promise<void> {
    const parsed = documentSchema.parse({
      apiVersion: 'provisor/v1',
      kind: 'DataStore',
      metadata: { name: STORE },
      spec: {
        type: 'ldap',
        url: this.directory.url,
        bind: { dn: this.directory.bindDn, password: { env: 'LDAP_PASSWORD' } },
        baseDn: BASE,
        timeout: '5s',
        accountStatus: { rule: 'flag', attribute: 'nsAccountLock' },
        ...spec,
      },
    });
    const record = {
      version: ++this.configVersion,
      document: parsed,
      appliedAt: new Date().toISOString(),
      appliedBy: 'test',
    };
    await this.send(provisioningConfig.name, encodeRecord(provisioningConfig, record, this.meta()));
  }

  async ask(action: 'compare-source' | 'accept-source'): Promise<void> {
    const command: ControlCommand = {
      id: randomBytes(6).toString('hex'),
      action,
      dataStore: STORE,
      requestedBy: 'test',
      requestedAt: new Date().toISOString(),
    };
    await this.send(provisioningControl.name, encodeRecord(provisioningControl, command, this.meta()));
  }

  async startService(): Promise<void> {
    const env = {
      KAFKA_BROKERS: brokers.join(','),
      TOPIC_PREFIX: `${this.name}.`,
      DATABASE_URL: this.testDatabase.url,
      DATABASE_POOL: '4',
      LDAP_PASSWORD: 'secret',
      HTTP_PORT: '0',
    };
    const config = changeCaptureConfig.parse(env);
    const fail = (error: unknown) => log.error('failed', { err: error });
    this.service = await changeCaptureService.start({
      config,
      log,
      clock: systemClock,
      env,
      fail,
      mount: () => undefined,
    });
  }

  /** Starts it and waits until everybody of the first read is on the topic. */
  async load(spec?: Record<string, unknown>): Promise<void> {
    await this.configure(spec);
    await this.startService();
    await this.state('live', 60_000);
    await until('everything on the topic', () => this.view.entries().length === PEOPLE + GROUPS);
  }

  async stopService(): Promise<void> {
    await this.service?.stop();
    this.service = undefined;
  }

  async status(): Promise<CaptureStatus | undefined> {
    const report = await this.service?.health();
    return (report?.details['dataStores'] as Record<string, CaptureStatus> | undefined)?.[STORE];
  }

  state(wanted: CaptureStatus['state'], withinMs = 20_000): Promise<CaptureStatus> {
    return until(
      `state ${wanted}`,
      async () => {
        const status = await this.status();
        return status?.state === wanted && status;
      },
      { withinMs },
    );
  }

  user = (index: number): IdentityChange | undefined => this.view.get(`${STORE}:${userId(index)}`);
  group = (index: number): IdentityChange | undefined => this.view.get(`${STORE}:${groupId(index)}`);
  present = (): number => this.view.entries().filter(([, change]) => change.state === 'present').length;

  async change(dn: string, operation: 'add' | 'delete' | 'replace', type: string, values: string[]): Promise<void> {
    await this.ldap.modify(dn, [new Change({ operation, modification: new Attribute({ type, values }) })]);
  }

  /** Adds an entry with an id of our choice, which the server allows with the control to ignore NO-USER-MODIFICATION only. */
  async add(dn: string, attributes: Record<string, string | string[]>): Promise<void> {
    await this.ldap.add(dn, attributes, new Control('1.3.6.1.4.1.30221.2.5.5', { critical: true }));
  }

  /** Every record on the topic, in order per partition. */
  async history(): Promise<ReceivedRecord<IdentityChange>[]> {
    const records: ReceivedRecord<IdentityChange>[] = [];
    await this.kafka.readToEnd({ contract: identityChanges, handle: async (batch) => void records.push(...batch) });
    return records;
  }

  async deadLetters(): Promise<DeadLetter[]> {
    const letters: DeadLetter[] = [];
    await this.kafka.readToEnd({
      contract: provisioningDeadLetters,
      handle: async (batch) => void letters.push(...batch.flatMap(({ value }) => (value === null ? [] : [value]))),
    });
    return letters;
  }

  async close(): Promise<void> {
    await this.stopService();
    await this.kafka.close();
    await this.stopDirectory();
    await this.database.end();
    await this.testDatabase.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private meta = () => ({ id: randomBytes(6).toString('hex'), source: '/test', time: new Date() });

  private async send(
    topic: string,
    record: { key: string; value: string | null; headers: Readonly<Record<string, string>> },
  ): Promise<void> {
    const producer = await this.kafka.producer();
    await producer.send([{ topic, ...record }]);
  }
}

/** A number must never have been given to two contents, and must rise. */
export function expectSoundSequences(records: readonly ReceivedRecord<IdentityChange>[]): void {
  const contents = new Map<string, string>();
  const last = new Map<string, number>();
  for (const { value, key, eventId } of records) {
    if (value === null) continue;
    const { capturedAt, ...content } = value;
    expect(Date.parse(capturedAt)).toBeGreaterThan(0);
    const id = `${key}:${value.sequence}`;
    expect(eventId).toBe(id);
    const text = JSON.stringify(content);
    expect(contents.get(id) ?? text).toBe(text);
    contents.set(id, text);
    expect(value.sequence).toBeGreaterThanOrEqual(last.get(key) ?? 0);
    last.set(key, value.sequence);
  }
}

/** How long after the directory had done it a change was on the topic and read from there, in milliseconds. */
export async function timeUntilSeen(
  what: string,
  act: () => Promise<unknown>,
  probe: () => boolean | undefined,
): Promise<number> {
  await act();
  const doneAt = performance.now();
  await until(what, () => probe() === true, { everyMs: 10 });
  return performance.now() - doneAt;
}
