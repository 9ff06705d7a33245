import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createTestDatabase, type TestDatabase } from '@provisor/testing';
import { silentLogger, type Logger } from '@provisor/telemetry';
import type { Database } from './database.js';
import { openDatabase, type OpenDatabaseOptions } from './open-database.js';
import { QueryProblem } from './query-problem.js';
import type { MigrationClass, ServiceSchema } from './service-schema.js';
import { unnestRows } from './unnest-rows.js';

class CreateThings1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE things (id text PRIMARY KEY, tags text[], data jsonb, counted bigint)');
    // Long enough that replicas which did not take turns would collide.
    await runner.query('SELECT pg_sleep(0.2)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE things');
  }
}

class AddMark1700000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE things ADD COLUMN mark text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE things DROP COLUMN mark');
  }
}

class Broken1700000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE half_done (id int)');
    await runner.query('SELECT nonsense');
  }

  async down(): Promise<void> {}
}

const schemaOf = (...migrations: MigrationClass[]): ServiceSchema => ({ name: 'capture', migrations, entities: [] });
const things = schemaOf(CreateThings1700000000001, AddMark1700000000002);

let test: TestDatabase;
const opened: Database[] = [];
const open = async (changes: Partial<OpenDatabaseOptions> = {}): Promise<Database> => {
  const database = await openDatabase({
    url: test.url,
    schema: things,
    log: silentLogger,
    applicationName: 'test',
    poolSize: 3,
    ...changes,
  });
  opened.push(database);
  return database;
};

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(async () => {
  await Promise.all(opened.map((database) => database.close()));
  await test?.drop();
});

describe('migrations', () => {
  it('run once when several replicas start at the same time', async () => {
    const databases = await Promise.all(Array.from({ length: 6 }, () => open()));
    const rows = await databases[0]!.query<{ name: string }>('SELECT name FROM capture.migrations ORDER BY timestamp');
    expect(rows.map((row) => row.name)).toEqual(['CreateThings1700000000001', 'AddMark1700000000002']);
    const locks = await databases[0]!.query("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'");
    expect(locks).toEqual([]);
  });

  it('find nothing to do at the next start', async () => {
    const database = await open();
    expect(await database.query('SELECT id FROM things')).toEqual([]);
  });

  it('leave nothing behind when one fails, and say so in a sentence', async () => {
    const failing = open({ schema: schemaOf(CreateThings1700000000001, AddMark1700000000002, Broken1700000000003) });
    await expect(failing).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringContaining('"capture" could not be brought up to date'),
    });
    const database = await open();
    expect(await database.query("SELECT 1 FROM pg_tables WHERE tablename = 'half_done'")).toEqual([]);
  });

  it('tell when the database was migrated by a newer version', async () => {
    const warnings: string[] = [];
    const log: Logger = { ...silentLogger, warn: (message) => void warnings.push(message) };
    await open({ schema: schemaOf(CreateThings1700000000001), log });
    expect(warnings).toEqual(['The database was migrated by a newer version']);
  });

  it('need no right to create schemas if the schema exists', async () => {
    const admin = await open();
    await admin.query(`CREATE ROLE plain_${test.name} LOGIN PASSWORD 'plain'`);
    await admin.query(`CREATE SCHEMA mapping AUTHORIZATION plain_${test.name}`);
    const url = new URL(test.url);
    url.username = `plain_${test.name}`;
    url.password = 'plain';
    const database = await open({
      url: url.href,
      schema: { name: 'mapping', migrations: [CreateThings1700000000001], entities: [] },
    });
    expect(await database.query('SELECT current_user::text AS who')).toEqual([{ who: `plain_${test.name}` }]);
    await database.close();
    await admin.query('DROP SCHEMA mapping CASCADE');
    await admin.query(`DROP ROLE plain_${test.name}`);
  });
});

describe('connecting', () => {
  it('fails at once when the database does not exist', async () => {
    const url = new URL(test.url);
    url.pathname = '/no_such_database';
    await expect(open({ url: url.href, patienceMs: 60_000 })).rejects.toMatchObject({
      code: 'DATABASE_MISSING',
      message: expect.not.stringContaining(url.password || 'no password'),
    });
  }, 5_000);

  it('fails at once with a sentence when the password is wrong', async () => {
    const server = await passwordRejectingServer();
    const { port } = server.address() as AddressInfo;
    const opening = open({ url: `postgres://somebody:wrong-one@127.0.0.1:${port}/provisor`, patienceMs: 60_000 });
    await expect(opening).rejects.toMatchObject({
      code: 'DATABASE_CREDENTIALS',
      message: `PostgreSQL at 127.0.0.1:${port}/provisor rejects the user or password of DATABASE_URL.`,
    });
    server.close();
  }, 5_000);

  it('gives up with a sentence after its patience', async () => {
    const { port, server } = await proxyTo(test.url);
    const url = through(test.url, port);
    await expect(open({ url, patienceMs: 300 })).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' });
    server.close();
  });

  it('waits for a database that is still starting', async () => {
    const proxy = await proxyTo(test.url);
    const waited = Promise.withResolvers<void>();
    const log: Logger = { ...silentLogger, info: (message) => message.includes('waiting') && waited.resolve() };
    const opening = open({ url: through(test.url, proxy.port), log, patienceMs: 30_000 });
    await waited.promise;
    await proxy.listen();
    const database = await opening;
    await database.ping();
    await database.close();
    proxy.server.close();
  });
});

describe('an open database', () => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
    await database.query('DELETE FROM things');
  });

  it('gives rows whatever the statement is', async () => {
    expect(await database.query("INSERT INTO things (id) VALUES ('a'), ('b') RETURNING id")).toEqual([
      { id: 'a' },
      { id: 'b' },
    ]);
    expect(await database.query("UPDATE things SET mark = 'x' WHERE id = $1 RETURNING id, mark", ['a'])).toEqual([
      { id: 'a', mark: 'x' },
    ]);
    expect(await database.query("DELETE FROM things WHERE id = 'b' RETURNING id")).toEqual([{ id: 'b' }]);
    expect(await database.query('DELETE FROM things')).toEqual([]);
  });

  it('commits what resolves and rolls back what rejects', async () => {
    await database.transaction(async (tx) => tx.query("INSERT INTO things (id) VALUES ('kept')"));
    const failing = database.transaction(async (tx) => {
      await tx.query("INSERT INTO things (id) VALUES ('lost')");
      throw new Error('change of mind');
    });
    await expect(failing).rejects.toThrow('change of mind');
    expect(await database.query('SELECT id FROM things')).toEqual([{ id: 'kept' }]);
  });

  it('names state and constraint of a failed statement, but none of its parameters', async () => {
    const failing = database.query('INSERT INTO things (id, mark) VALUES ($1, $2)', ['kept', 'jdoe@corp.example']);
    const problem = await failing.catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(QueryProblem);
    expect(problem).toMatchObject({ code: '23505', constraint: 'things_pkey', transient: false });
    expect(JSON.stringify(problem) + String((problem as Error).message)).not.toContain('jdoe');
  });

  it('cancels a statement that takes too long', async () => {
    const hasty = await open({ statementTimeoutMs: 100 });
    await expect(hasty.query('SELECT pg_sleep(10)')).rejects.toMatchObject({ code: '57014', transient: true });
  });

  it('goes on after the server has closed its connections', async () => {
    await database.query('SELECT 1');
    await terminateOthers(database, 'test');
    await expect
      .poll(() => database.query('SELECT 1 AS one').catch(() => []), { timeout: 5_000 })
      .toEqual([{ one: 1 }]);
  });

  it('fails a transaction whose connection is lost and can begin another', async () => {
    const lost = database.transaction(async (tx) => {
      const [row] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await database.query('SELECT pg_terminate_backend($1)', [row!.pid]);
      await tx.query("INSERT INTO things (id) VALUES ('never')");
    });
    await expect(lost).rejects.toMatchObject({ transient: true });
    expect(await database.transaction((tx) => tx.query("SELECT 1 FROM things WHERE id = 'never'"))).toEqual([]);
  });

  it('delivers notifications, also after its connection was lost', async () => {
    const heard: (string | undefined)[] = [];
    const end = await database.listen('news', (payload) => void heard.push(payload));
    await database.query("SELECT pg_notify('news', 'one')");
    await expect.poll(() => heard).toEqual(['one']);
    await terminateOthers(database, 'test listen');
    await expect.poll(() => heard, { timeout: 5_000 }).toEqual(['one', undefined]);
    await database.query("SELECT pg_notify('news', 'two')");
    await expect.poll(() => heard).toEqual(['one', undefined, 'two']);
    await end();
  });

  it('tells a session that its connection was lost', async () => {
    const session = await database.session('lease');
    await session.query('SELECT pg_advisory_lock(1, 2)');
    const lost = once(session.lost, 'abort');
    await terminateOthers(database, 'test lease');
    await lost;
    await expect(session.query('SELECT 1')).rejects.toBeInstanceOf(QueryProblem);
  });

  it('carries many rows of every type in one statement', async () => {
    const batch = [
      { id: 'é"\\{}', tags: ['a,b', 'c"d', '\\', ''], data: { deep: ['x"y', null] }, counted: 9_007_199_254_740_993n },
      { id: 'plain', tags: [], data: null, counted: undefined },
    ];
    const rows = unnestRows(
      [
        { name: 'id', type: 'text' },
        { name: 'tags', type: 'text[]' },
        { name: 'data', type: 'jsonb' },
        { name: 'counted', type: 'bigint' },
      ],
      batch,
    );
    await database.query('DELETE FROM things');
    await database.query(
      `INSERT INTO things (id, tags, data, counted) SELECT id, tags, data, counted FROM ${rows.sql}`,
      rows.params,
    );
    expect(await database.query('SELECT id, tags, data, counted FROM things ORDER BY counted NULLS LAST')).toEqual([
      { ...batch[0], counted: '9007199254740993' },
      { ...batch[1], counted: null },
    ]);
  });
});

async function terminateOthers(database: Database, applicationName: string): Promise<void> {
  await database.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = $1 AND datname = current_database() AND pid <> pg_backend_pid()`,
    [applicationName],
  );
}

function through(url: string, port: number): string {
  const changed = new URL(url);
  changed.host = `127.0.0.1:${port}`;
  return changed.href;
}

/** Forwards to the real server once it listens; until then its port refuses. */
async function proxyTo(url: string): Promise<{ port: number; server: Server; listen(): Promise<void> }> {
  const target = new URL(url);
  const server = createServer((near: Socket) => {
    const far = connect(Number(target.port), target.hostname);
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
  });
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return {
    port,
    server,
    listen: async () => {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
  };
}

/** Answers as PostgreSQL does to a wrong password, because the test server may trust everybody. */
async function passwordRejectingServer(): Promise<Server> {
  const fields = 'SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user "somebody"\0\0';
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(4 + fields.length, 1);
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(Buffer.concat([head, Buffer.from(fields)])));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
