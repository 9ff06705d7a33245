import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { adminApiService } from '@provisor/admin-api';
import { encodeRecord, provisioningResults, type ProvisioningResult } from '@provisor/contracts';
import { startService, systemClock, type StartedService } from '@provisor/host';
import { KafkaClient } from '@provisor/kafka';
import { silentLogger, startTelemetry } from '@provisor/telemetry';
import { createTestDatabase, type TestDatabase } from '@provisor/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../bin/provisor.mjs', import.meta.url));
const TOKEN = randomBytes(32).toString('base64url');
const prefix = `cli-${randomBytes(4).toString('hex')}.`;
const brokers = process.env['PROVISOR_TEST_KAFKA'] ?? '127.0.0.1:19092';

let database: TestDatabase;
let service: StartedService;
let directory: string;
let kafka: KafkaClient;

beforeAll(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(join(tmpdir(), 'provisor-cli-'));
  service = await startService(adminApiService, {
    env: {
      KAFKA_BROKERS: brokers,
      TOPIC_PREFIX: prefix,
      DATABASE_URL: database.url,
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: '0',
      PROVISOR_KEY: randomBytes(32).toString('base64url'),
      ADMIN_TOKEN: TOKEN,
    },
    log: silentLogger,
    telemetry: startTelemetry({ service: 'cli-test', version: '0' }),
    onFailed: (error) => {
      throw error;
    },
  });
  kafka = new KafkaClient(
    { brokers: [brokers], clientId: 'test', topicPrefix: prefix },
    { log: silentLogger, clock: systemClock },
  );
  await writeFile(join(directory, 'token'), `${TOKEN}\n`);
});

afterAll(async () => {
  await kafka?.close();
  await service?.stop();
  await database?.drop();
  await rm(directory, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `provisor` as a person would, with what is given on standard input. */
async function provisor(
  args: readonly string[],
  o: { input?: string; env?: Record<string, string> } = {},
): Promise<Ended> {
  const child = begin(args, o.env);
  child.process.stdin.end(o.input ?? '');
  return child.ended;
}

function begin(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: directory,
    env: { PATH: process.env['PATH'], PROVISOR_URL: service.url ?? '', PROVISOR_TOKEN: TOKEN, ...env },
  });
  const output = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.err += text));
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, ...output })));
  return { process: child, output, ended };
}

const CONFIGURATION = `
apiVersion: provisor/v1
kind: DataStore
metadata: { name: corp-ldap }
spec:
  type: ldap
  url: ldap://127.0.0.1:1389
  baseDn: dc=corp,dc=example
---
apiVersion: provisor/v1
kind: SpConnection
metadata: { name: my-sp }
spec:
  target:
    type: scim
    baseUrl: https://scim.example/v2
    auth: { type: bearer, token: { env: SP_TOKEN } }
  channels:
    - name: staff
      dataStore: corp-ldap
      users: { filter: "(employeeType=staff)" }
      attributes:
        userName: uid
`;

const result = (o: Partial<ProvisioningResult>): ProvisioningResult => ({
  id: randomUUID(),
  spConnection: 'my-sp',
  objectId: 'o-1',
  objectType: 'user',
  label: 'uid=jdoe,ou=people,dc=corp,dc=example',
  version: { sequence: 1, config: 1 },
  operation: 'create',
  outcome: 'applied',
  terminal: true,
  code: 'ok',
  attempt: 1,
  finishedAt: new Date().toISOString(),
  ...o,
});

async function publish(...results: ProvisioningResult[]): Promise<void> {
  const producer = await kafka.producer();
  await producer.send(
    results.map((value) => ({
      topic: provisioningResults.name,
      ...encodeRecord(provisioningResults, value, { id: value.id, source: '/test', time: new Date() }),
    })),
  );
}

async function eventually<T>(look: () => Promise<T | undefined> | T | undefined, what: string): Promise<T> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`Not in time: ${what}`);
    await systemClock.sleep(50);
  }
}

describe('configuration', () => {
  it('goes round: diff, apply, get, export, apply again, delete', async () => {
    const file = join(directory, 'provisor.yaml');
    await writeFile(file, CONFIGURATION);
    const before = await provisor(['diff', '-f', file]);
    expect(before).toMatchObject({ code: 4, err: '' });
    expect(before.out).toContain('+ SpConnection/my-sp created');

    const applied = await provisor(['apply', '-f', file]);
    expect(applied).toMatchObject({ code: 0, err: '' });
    expect(applied.out).toContain('2 created');
    expect((await provisor(['diff', '-f', file])).code).toBe(0);
    expect((await provisor(['apply', '-f', '-'], { input: CONFIGURATION })).out).toContain('2 unchanged');

    const shown = await provisor(['get']);
    expect(shown.out).toMatch(/KIND +NAME +TYPE/);
    expect(shown.out).toMatch(/SpConnection +my-sp +scim/);
    const exported = await provisor(['export']);
    expect((await provisor(['apply', '-f', '-'], { input: exported.out })).out).toContain('2 unchanged');

    const changed = CONFIGURATION.replace('userName: uid', 'userName: mail');
    const diff = await provisor(['diff', '-f', '-'], { input: changed });
    expect(diff.code).toBe(4);
    expect(diff.out).toContain('~ spec.channels.staff.attributes.userName: uid → mail');

    expect(await provisor(['delete', 'DataStore', 'corp-ldap'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('my-sp'),
    });
    const versions = await provisor(['get', 'sp', 'my-sp', '--versions', '-o', 'json']);
    expect(JSON.parse(versions.out)).toMatchObject([{ change: 'created' }]);
  });

  it('tells each mistake with file, line and column, those that only the server finds as well', async () => {
    const file = join(directory, 'bad.yaml');
    await writeFile(file, CONFIGURATION.replace('ldap://', 'htp://'));
    const offline = await provisor(['validate', '-f', file]);
    expect(offline.code).toBe(1);
    expect(offline.err).toContain('bad.yaml:7:8 spec.url:');

    await writeFile(file, CONFIGURATION.replace('(employeeType=staff)', '(employeeType=staff'));
    const online = await provisor(['apply', '-f', file]);
    expect(online.code).toBe(1);
    expect(online.err).toMatch(/bad\.yaml:21:24 spec\.channels\[0\]\.users\.filter:/);
    expect(online.err).not.toMatch(/ at .*\.js:/);
  });
});

describe('history', () => {
  it('follows results and tells the story of one person', async () => {
    const following = begin(['results', '-f', '-n', '0', '-o', 'json']);
    await publish(result({ outcome: 'retryable', terminal: false, code: 'http.timeout', cause: 'No answer in time.' }));
    await publish(result({ attempt: 2, targetId: 't-1', traceId: 'abc123' }));
    // What was published before the follower asked for the first time is not told to it.
    await eventually(async () => {
      await publish(result({ objectId: 'o-2', label: 'uid=asmith,dc=corp' }));
      return following.output.out.includes('asmith') ? true : undefined;
    }, 'the follower sees a result');
    following.process.kill('SIGINT');
    expect((await following.ended).code).toBe(0);

    const story = await provisor(['timeline', 'my-sp', 'jdoe']);
    expect(story.code).toBe(0);
    expect(story.out).toContain('uid=jdoe,ou=people,dc=corp,dc=example');
    expect(story.out).toContain('No answer in time.');
    expect(story.out).toContain('attempt 2: applied');
    expect(story.out).toContain('trace abc123');
    expect(story.out).toContain('now     unknown');
    expect(await provisor(['timeline', 'my-sp', 'nobody'])).toMatchObject({ code: 1 });
    const failures = await provisor(['results', '--outcome', 'retryable', '-o', 'json']);
    expect(JSON.parse(failures.out)).toMatchObject([{ code: 'http.timeout' }]);
  });

  it('ends quietly when its reader has seen enough', async () => {
    const child = begin(['results', '-n', '1000']);
    child.process.stdout.destroy();
    const { code, err } = await child.ended;
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });
});

describe('status, control and secrets', () => {
  it('says that it does not know rather than a number', async () => {
    const { code, out } = await provisor(['status']);
    expect(code).toBe(0);
    expect(out).toMatch(/my-sp +unknown +\? +\?/);
  });

  it('tells the services what to do', async () => {
    expect(await provisor(['pause', 'my-sp'])).toMatchObject({ code: 0, out: 'my-sp is told to pause.\n' });
    expect(await provisor(['retry', 'my-sp', '--object', 'o-1'])).toMatchObject({ code: 0 });
    expect(await provisor(['pause', 'no-such-sp'])).toMatchObject({
      code: 1,
      err: 'There is no SP connection "no-such-sp".\n',
    });
  });

  it('shows who did what', async () => {
    const trail = await provisor(['audit', '--connection', 'my-sp', '-n', '1', '-o', 'json']);
    expect(JSON.parse(trail.out)).toMatchObject([{ action: 'control.retry', details: { objectId: 'o-1' } }]);
    expect((await provisor(['audit'])).out).toMatch(/control\.pause +SpConnection\/my-sp/);
    expect(await provisor(['audit', '--connection', 'a', '--subject', 'b'])).toMatchObject({ code: 2 });
  });

  it('takes a secret from standard input only', async () => {
    expect(await provisor(['secrets', 'set', 'token-1'], { input: 'clear-value\n' })).toMatchObject({ code: 0 });
    const list = await provisor(['secrets', 'list', '-o', 'json']);
    expect(JSON.parse(list.out)).toMatchObject([{ name: 'token-1' }]);
    expect(list.out).not.toContain('clear-value');
    expect((await provisor(['secrets', 'set', 'token-1', 'clear-value'])).code).toBe(2);
  });
});

describe('what goes wrong', () => {
  it('has an exit code and a sentence', async () => {
    expect(await provisor(['status'], { env: { PROVISOR_TOKEN: 'wrong-token-wrong' } })).toMatchObject({
      code: 3,
      out: '',
    });
    expect(await provisor(['status', '--url', 'http://127.0.0.1:9'])).toMatchObject({ code: 3 });
    expect(await provisor(['status', '--url', 'nonsense'])).toMatchObject({ code: 2 });
    expect(await provisor(['no-such-command'])).toMatchObject({ code: 2 });
    expect(
      await provisor(['status', '--token-file', join(directory, 'token')], { env: { PROVISOR_TOKEN: '' } }),
    ).toMatchObject({ code: 0 });
    const help = await provisor(['apply', '--help']);
    expect(help).toMatchObject({ code: 0, err: '' });
    expect(help.out).toContain('Examples:');
  });

  it('has no colours where nobody sees them', async () => {
    expect((await provisor(['status'])).out).not.toContain('\u001b');
    expect(await readFile(join(directory, 'token'), 'utf8')).toContain(TOKEN);
  });
});
