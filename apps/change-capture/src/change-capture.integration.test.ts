import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
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
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CaptureStatus } from './capturer/capture-status.js';
import { changeCaptureConfig } from './change-capture.config.js';
import { changeCaptureService } from './change-capture.service.js';

const PEOPLE = 1_000;
const GROUPS = 40;
const BASE = 'dc=example,dc=org';
const STORE = 'corp-ldap';
const brokers = (process.env['PROVISOR_TEST_KAFKA'] ?? '').split(',');
const serverUrl = process.env['PROVISOR_TEST_DATABASE'] ?? '';
const log =
  process.env['PROVISOR_TEST_LOG'] === undefined
    ? silentLogger
    : createLogger({ service: 'test', level: 'info', pretty: true });

const uuid = (kind: number, index: number) =>
  `${String(kind).padStart(8, '0')}-0000-4000-8000-${String(index).padStart(12, '0')}`;
const userId = (index: number) => uuid(1, index);
const groupId = (index: number) => uuid(2, index);
const userDn = (index: number) => `uid=u${index},ou=${index % 2 === 0 ? 'sales' : 'plant'},ou=people,${BASE}`;
const groupDn = (index: number) => `cn=g${index},ou=groups,${BASE}`;

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

/** Waits for a condition, with a deadline. */
async function until<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 20_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`Waited ${withinMs} ms in vain for: ${what}`);
    await pause(10);
  }
}

class World {
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
  readonly arrived = new Map<string, number>();
  private configVersion = 0;
  private port: number | undefined;

  async start(): Promise<void> {
    process.stdout.write(`capture world ${this.name}\n`);
    const admin = new pg.Client(serverUrl);
    await admin.connect();
    await admin.query(`create database ${this.name}`);
    await admin.end();
    this.database = new pg.Client(this.databaseUrl());
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
    this.view.onChange((key, change) => this.arrived.set(`${key}:${change?.sequence}`, performance.now()));
    await this.view.start();
  }

  databaseUrl(): string {
    const url = new URL(serverUrl);
    url.pathname = `/${this.name}`;
    return url.toString();
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
      DATABASE_URL: this.databaseUrl(),
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

  async stopService(): Promise<void> {
    await this.service?.stop();
    this.service = undefined;
  }

  async status(): Promise<CaptureStatus | undefined> {
    const report = await this.service?.health();
    return (report?.details['dataStores'] as Record<string, CaptureStatus> | undefined)?.[STORE];
  }

  state(wanted: CaptureStatus['state'], withinMs?: number): Promise<CaptureStatus> {
    return until(
      `state ${wanted}`,
      async () => {
        const status = await this.status();
        return status?.state === wanted && status;
      },
      withinMs,
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
    const admin = new pg.Client(serverUrl);
    await admin.connect();
    await admin.query(`drop database ${this.name} with (force)`);
    await admin.end();
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
function expectSoundSequences(records: readonly ReceivedRecord<IdentityChange>[]): void {
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

let world: World;
beforeEach(async () => {
  world = new World();
  await world.start();
});
afterEach(() => world.close());

async function loaded(spec?: Record<string, unknown>): Promise<void> {
  await world.configure(spec);
  await world.startService();
  await world.state('live', 60_000);
  await until('everything on the topic', () => world.view.entries().length === PEOPLE + GROUPS);
}

/** How long after the directory had done it a change was on the topic and read from there, in milliseconds. */
async function timeUntilSeen(
  what: string,
  act: () => Promise<unknown>,
  probe: () => boolean | undefined,
): Promise<number> {
  await act();
  const doneAt = performance.now();
  await until(what, () => probe() === true);
  return performance.now() - doneAt;
}

describe('first read', () => {
  it('publishes everybody once, groups first, with memberships, nesting, references and account state', async () => {
    await loaded();
    const records = await world.history();
    expect(records).toHaveLength(PEOPLE + GROUPS);
    expectSoundSequences(records);
    for (const partition of [0, 1, 2]) {
      const types = records.filter((record) => record.partition === partition).map(({ value }) => value?.objectType);
      expect(types.lastIndexOf('group')).toBeLessThan(types.indexOf('user'));
    }
    expect(records.every(({ value, traceparent }) => value?.snapshot === true && traceparent !== undefined)).toBe(true);

    const person = world.user(70);
    expect(person).toMatchObject({
      state: 'present',
      enabled: true,
      dn: userDn(70),
      memberOf: [groupId(30)],
      references: { manager: userId(570) },
    });
    // 30 is in 10, which is in 0.
    expect(person?.memberOfNested).toEqual([groupId(0), groupId(10), groupId(30)]);
    expect(person?.attributes).toMatchObject({ uid: ['u70'], mail: ['u70@example.org'] });
    expect(person?.attributes).not.toHaveProperty('userPassword');
    expect(world.group(30)).toMatchObject({
      objectType: 'group',
      memberOf: [groupId(10)],
      memberOfNested: [groupId(0), groupId(10)],
    });
    expect(world.group(30)?.attributes).not.toHaveProperty('member');
  });

  it('goes on after an interruption, and repeats no number with other content', async () => {
    await world.configure({ pageSize: 50 });
    await world.startService();
    await until('part of the people', () => world.present() > 200);
    await world.stopService();
    expect(world.view.entries().length).toBeLessThan(PEOPLE + GROUPS);
    await world.change(userDn(3), 'replace', 'mail', ['while-down@example.org']);
    await world.startService();
    await until('another part', () => world.present() > 500);
    // As if the database had gone away in the middle of a transaction.
    await world.database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    );
    await world.state('live', 60_000);
    await until('everybody', () => world.view.entries().length === PEOPLE + GROUPS);
    await until('the change', () => world.user(3)?.attributes?.['mail']?.[0] === 'while-down@example.org');
    expectSoundSequences(await world.history());
  });
});

describe('live changes', () => {
  it('appear within a second, each as what it is', async () => {
    await world.stopDirectory();
    await world.startDirectory({ referentialIntegrity: true });
    await loaded();
    const times: number[] = [];
    const seen = async (...change: Parameters<typeof timeUntilSeen>) => times.push(await timeUntilSeen(...change));
    const before = world.user(5)?.sequence ?? 0;
    await seen(
      'a new mail address',
      () => world.change(userDn(5), 'replace', 'mail', ['new@example.org']),
      () => world.user(5)?.attributes?.['mail']?.[0] === 'new@example.org',
    );
    expect(world.user(5)).toMatchObject({
      sequence: before + 1,
      changed: ['mail'],
      snapshot: false,
      occurredAtFrom: 'source',
    });

    await seen(
      'a disabled account',
      () => world.change(userDn(7), 'add', 'nsAccountLock', ['true']),
      () => world.user(7)?.enabled === false,
    );

    const renamed = `uid=renamed,ou=plant,ou=people,${BASE}`;
    await seen(
      'a rename',
      () => world.ldap.modifyDN(userDn(9), 'uid=renamed'),
      () => world.user(9)?.dn === renamed,
    );
    // The directory keeps members and managers right without logging it.
    expect(world.user(9)?.memberOf).toEqual([groupId(9)]);
    await until('the new name of the manager', () => world.user(509)?.attributes?.['manager']?.[0] === renamed);
    expect(world.user(509)?.references?.['manager']).toBe(userId(9));

    await seen(
      'a deletion',
      () => world.ldap.del(userDn(11)),
      () => world.user(11)?.state === 'deleted',
    );
    expect(world.user(11)).not.toHaveProperty('attributes');
    await until('the report without a manager', () => world.user(511)?.references === undefined);

    const newcomer = { objectClass: ['inetOrgPerson'], uid: 'new', cn: 'New', sn: 'New', entryUUID: userId(5000) };
    await seen(
      'an addition',
      () => world.add(`uid=new,ou=plant,ou=people,${BASE}`, newcomer),
      () => world.user(5000)?.state === 'present',
    );
    expect(world.user(5000)).toMatchObject({ memberOf: [], snapshot: false });

    await seen(
      'a new member',
      () => world.change(groupDn(31), 'add', 'member', [`uid=new,ou=plant,ou=people,${BASE}`]),
      () => world.user(5000)?.memberOf?.[0] === groupId(31),
    );
    expect(world.user(5000)?.memberOfNested).toEqual([groupId(1), groupId(11), groupId(31)]);
    await seen(
      'a removed member',
      () => world.change(groupDn(31), 'delete', 'member', [`uid=new,ou=plant,ou=people,${BASE}`]),
      () => world.user(5000)?.memberOf?.length === 0,
    );

    process.stdout.write(`live changes seen after ${times.map(Math.round).join(', ')} ms\n`);
    expect(times.sort((x, y) => x - y)[times.length >> 1]).toBeLessThan(1_000);

    // The same id again: the numbers go on.
    const gone = world.user(11)?.sequence ?? 0;
    await world.add(userDn(11), {
      objectClass: ['inetOrgPerson'],
      uid: 'u11',
      cn: 'Back',
      sn: 'Back',
      entryUUID: userId(11),
    });
    await until('the person is back', () => world.user(11)?.state === 'present');
    expect(world.user(11)?.sequence).toBe(gone + 1);
    expectSoundSequences(await world.history());
  });

  it('follow a renamed subtree, a nested group and a member that was named before it existed', async () => {
    await loaded();
    await timeUntilSeen(
      'everybody below',
      () => world.ldap.modifyDN(`ou=sales,ou=people,${BASE}`, 'ou=selling'),
      () =>
        [0, 2, 500, 998].every((index) => world.user(index)?.dn === userDn(index).replace('ou=sales', 'ou=selling')),
    );
    await until('all 500', () =>
      Array.from({ length: 500 }, (_, n) => world.user(2 * n)).every((user) => user?.dn?.includes('ou=selling')),
    );
    // The groups and the reports still name what does not exist any more.
    await until(
      'nobody is a member by an old name',
      () => world.user(0)?.memberOf?.length === 0 && world.user(500)?.references === undefined,
    );

    await timeUntilSeen(
      'a group leaves its parent',
      () => world.change(groupDn(11), 'delete', 'member', [groupDn(31)]),
      () => world.user(71)?.memberOfNested?.length === 1,
    );
    await until('the group itself', () => world.group(31)?.memberOfNested?.length === 0);
    await world.change(groupDn(31), 'add', 'member', [groupDn(1)]);
    await world.change(groupDn(11), 'add', 'member', [groupDn(31)]);
    await until('a cycle of groups', () => world.user(71)?.memberOfNested?.length === 3);
    await until('the groups of the cycle', () => world.group(1)?.memberOfNested?.length === 2);
    expect(world.group(1)?.memberOfNested).toEqual([groupId(11), groupId(31)]);

    await world.change(groupDn(5), 'add', 'member', [`uid=later,ou=plant,ou=people,${BASE}`]);
    await world.add(`uid=later,ou=plant,ou=people,${BASE}`, {
      objectClass: ['inetOrgPerson'],
      uid: 'later',
      cn: 'L',
      sn: 'L',
      entryUUID: userId(6000),
    });
    await until('the membership', () => world.user(6000)?.memberOf?.[0] === groupId(5));
  });

  it('go on exactly after a restart, also when the change log was started anew', async () => {
    await loaded();
    await world.stopService();
    await world.change(userDn(20), 'replace', 'sn', ['Changed']);
    await world.ldap.del(userDn(21));
    await world.startService();
    await until(
      'what happened meanwhile',
      () => world.user(20)?.attributes?.['sn']?.[0] === 'Changed' && world.user(21)?.state === 'deleted',
    );
    expect((await world.status())?.lastComparison?.['why']).toBe('first read');

    const records = (await world.history()).length;
    await world.stopService();
    await world.change(userDn(22), 'replace', 'sn', ['Unlogged']);
    await world.ldap.del(userDn(23));
    await world.stopDirectory();
    // The in-memory server writes its change log anew from what it loads.
    await world.startDirectory();
    await world.startService();
    await until(
      'a full comparison',
      () => world.user(22)?.attributes?.['sn']?.[0] === 'Unlogged' && world.user(23)?.state === 'deleted',
    );
    expect((await world.status())?.lastComparison?.['why']).toMatch(/change log/);
    const after = await world.history();
    expect(after).toHaveLength(records + 2 + (world.user(523)?.references === undefined ? 1 : 0));
    expectSoundSequences(after);
  });
});

describe('a sick data store', () => {
  it('that is down removes nobody, and is caught up with', async () => {
    await loaded();
    await world.change(userDn(1), 'replace', 'sn', ['Before']);
    await world.stopDirectory();
    const status = await world.state('unreachable');
    expect(status.reason).toMatch(/cannot be reached/);
    expect(world.present()).toBe(PEOPLE + GROUPS);
    await world.startDirectory();
    await world.change(userDn(2), 'replace', 'sn', ['After']);
    await until('the change', () => world.user(2)?.attributes?.['sn']?.[0] === 'After', 60_000);
    expect(world.present()).toBe(PEOPLE + GROUPS);
  });

  it('that is empty, or misses many, removes nobody until somebody says so', async () => {
    await loaded();
    // Another filter is another view: as if a right had been taken away.
    await world.configure({ users: { filter: '(&(objectClass=inetOrgPerson)(uid=nobody*))' } });
    expect((await world.state('suspect')).reason).toMatch(/no users, but 1000 are known/);
    await world.configure({ users: { filter: '(&(objectClass=inetOrgPerson)(uid=u1*))' } });
    await until('suspect of missing many', async () => (await world.status())?.reason?.includes('missed 889 of'));
    expect(world.present()).toBe(PEOPLE + GROUPS);
    // Live changes go on meanwhile, deletions do not.
    await timeUntilSeen(
      'a change',
      () => world.change(userDn(1), 'replace', 'sn', ['Live']),
      () => world.user(1)?.attributes?.['sn']?.[0] === 'Live',
    );
    await world.ldap.del(userDn(10));
    await world.change(userDn(11), 'replace', 'sn', ['Later']);
    await until('the later change', () => world.user(11)?.attributes?.['sn']?.[0] === 'Later');
    expect(world.user(10)?.state).toBe('present');

    await world.configure();
    await world.state('live');
    await until('the deletion, now that the data store is healthy', () => world.user(10)?.state === 'deleted');
    expect(world.present()).toBe(PEOPLE + GROUPS - 1);

    await world.configure({ users: { filter: '(&(objectClass=inetOrgPerson)(uid=u1*))' } });
    await world.state('suspect');
    await world.ask('accept-source');
    await world.state('live');
    await until('the removals that a person accepted', () => world.present() === 110 + GROUPS);
    expectSoundSequences(await world.history());
  });

  it('that cuts its answers short removes nobody', async () => {
    await loaded();
    await world.stopDirectory();
    await world.startDirectory({ maxSizeLimit: 300 });
    await world.ask('compare-source');
    await until(
      'an end of the comparison',
      async () =>
        (await world.status())?.state === 'suspect' || (await world.status())?.lastComparison?.['why'] !== 'first read',
      60_000,
    );
    expect(world.present()).toBe(PEOPLE + GROUPS);
  });

  it.each([
    { many: 60, maxMissing: 20 },
    { many: 200, maxMissing: 100 },
  ])('that deletes $many at once is held whole, and one by one is believed', async ({ many, maxMissing }) => {
    await loaded({ health: { maxMissing, maxMissingPercent: 1 } });
    for (const index of [100, 101, 102]) await world.ldap.del(userDn(index));
    await until('three deletions', () => world.present() === PEOPLE + GROUPS - 3);
    await world.stopService();
    for (let index = 200; index < 200 + many; index++) await world.ldap.del(userDn(index));
    await world.startService();
    expect((await world.state('suspect')).reason).toContain(`${3 + many} deletions`);
    await world.change(userDn(1), 'replace', 'sn', ['Still live']);
    await until('a later change', () => world.user(1)?.attributes?.['sn']?.[0] === 'Still live');
    expect(world.present()).toBe(PEOPLE + GROUPS - 3);
    await world.ask('accept-source');
    await until('the accepted deletions', () => world.present() === PEOPLE + GROUPS - 3 - many);
    await world.state('live');
  });
});

describe('entries that cannot be published', () => {
  it('become dead letters, and their neighbours go on', async () => {
    await loaded();
    await world.change(userDn(30), 'replace', 'description', ['x'.repeat(1_100_000)]);
    await timeUntilSeen(
      'the neighbour',
      () => world.change(userDn(31), 'replace', 'sn', ['Neighbour']),
      () => world.user(31)?.attributes?.['sn']?.[0] === 'Neighbour',
    );
    expect(world.user(30)?.attributes).not.toHaveProperty('description');
    const [letter] = await until('the dead letter', async () => {
      const letters = await world.deadLetters();
      return letters.length > 0 && letters;
    });
    expect(letter).toMatchObject({
      stage: 'capture',
      cause: { code: 'record.too-large' },
      origin: { key: `${STORE}:${userId(30)}` },
    });
    await world.change(userDn(30), 'replace', 'description', ['short']);
    await until('the entry itself again', () => world.user(30)?.attributes?.['description']?.[0] === 'short');
  });
});

beforeAll(() => {
  if (serverUrl === '' || brokers[0] === '')
    throw new Error('PROVISOR_TEST_KAFKA and PROVISOR_TEST_DATABASE are not set.');
});
afterAll(() => undefined);
