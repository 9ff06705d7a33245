import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataStore, type LdapDataStoreSpec } from '@provisor/contracts';
import { startDirectory, type EmbeddedDirectory } from '@provisor/embedded';
import type { FeedCursor, FeedLook, SourceItem, SourceObject } from '@provisor/provisioning';
import { Attribute, Change, Client } from 'ldapts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MOST_CHANGES } from './feed/chunk-size.js';
import { LdapSource } from './ldap-source.js';

const BASE = 'dc=example,dc=org';
const PASSWORD = 'secret';
/** More than are read in one look and than are taken for single leavers. */
const MASS = 200;
const classPath = process.env['PROVISOR_TEST_DIRECTORY_JAR'];
const signal = new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), 'provisor-ldap-'));
const id = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
const userDn = (index: number) => `uid=u${index},ou=people,${BASE}`;

function ldif(): string {
  const entries = [
    `dn: ${BASE}\nobjectClass: domain\ndc: example`,
    ...['people', 'groups'].map((name) => `dn: ou=${name},${BASE}\nobjectClass: organizationalUnit\nou: ${name}`),
  ];
  for (let i = 0; i < 250; i++)
    entries.push(
      `dn: ${userDn(i)}\nobjectClass: inetOrgPerson\nuid: u${i}\ncn: U${i}\nsn: U${i}\nuserPassword: x\nentryUUID: ${id(i)}`,
    );
  entries.push(
    `dn: cn=g,ou=groups,${BASE}\nobjectClass: groupOfNames\ncn: g\nmember: ${userDn(1)}\nentryUUID: ${id(900)}`,
  );
  return entries.join('\n\n');
}

let directory: EmbeddedDirectory;
let unlogged: EmbeddedDirectory;
let admin: Client;
const opened: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  const file = join(folder, 'start.ldif');
  writeFileSync(file, ldif());
  const start = (name: string, maxChangeLogEntries: number) =>
    startDirectory({
      baseDn: BASE,
      dataDir: join(folder, name),
      ldif: file,
      password: PASSWORD,
      maxChangeLogEntries,
      ...(classPath === undefined ? {} : { classPath }),
    });
  [directory, unlogged] = await Promise.all([start('logged', 240), start('unlogged', 0)]);
  admin = new Client({ url: directory.url });
  await admin.bind(directory.bindDn, PASSWORD);
});
afterEach(async () => {
  for (const source of opened.splice(0)) await source.close();
});
afterAll(async () => {
  await admin.unbind();
  await Promise.all([directory.stop(), unlogged.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

function specOf(given: Record<string, unknown>): LdapDataStoreSpec {
  const document = { apiVersion: 'provisor/v1', kind: 'DataStore', metadata: { name: 'x' } };
  const bind = { dn: directory.bindDn, password: { env: 'X' } };
  return dataStore.parse({
    ...document,
    spec: { type: 'ldap', url: directory.url, baseDn: BASE, bind, timeout: '2s', ...given },
  }).spec;
}

function source(given: Record<string, unknown> = {}, password = PASSWORD): LdapSource {
  const made = new LdapSource({ spec: specOf(given), password: async () => password });
  opened.push(made);
  return made;
}

const objectsOf = (items: readonly SourceItem[]): SourceObject[] =>
  items.flatMap((item) => (item.kind === 'object' ? [item.object] : []));
async function all(pages: AsyncIterable<readonly SourceItem[]>): Promise<SourceObject[]> {
  const found: SourceObject[] = [];
  for await (const page of pages) found.push(...objectsOf(page));
  return found;
}
/** All looks from a position to the end of the feed. */
async function rest(feed: LdapSource, from: FeedCursor) {
  const looks: Extract<FeedLook, { kind: 'touches' }>[] = [];
  for (let cursor = from; looks.at(-1)?.behind !== 0;) {
    const look = await feed.look(cursor, signal);
    if (look.kind === 'gap') throw new Error(look.reason);
    looks.push(look);
    cursor = look.cursor;
  }
  return looks;
}
const touches = (look: FeedLook) => (look.kind === 'touches' ? look.touches : []);
const after = (look: FeedLook): FeedCursor => {
  if (look.kind === 'gap') throw new Error(look.reason);
  return look.cursor;
};
const replace = (dn: string, type: string, value: string) =>
  admin.modify(dn, [new Change({ operation: 'replace', modification: new Attribute({ type, values: [value] }) })]);

describe('describe', () => {
  it('finds the change log, and falls back to polling where there is none, and says so', async () => {
    expect(await source().describe(signal)).toEqual({
      feed: 'changelog',
      intervalMs: 50,
      busyIntervalMs: 10,
      notes: [],
      reportsDeletions: true,
    });
    const fallback = await source({ url: unlogged.url }).describe(signal);
    expect(fallback).toMatchObject({ feed: 'poll', intervalMs: 5000, reportsDeletions: false });
    expect(fallback.notes.join(' ')).toMatch(/change log is not used: the directory has no change log at cn=changelog/);
    await expect(source({ url: unlogged.url, feed: 'changelog' }).describe(signal)).rejects.toThrow(
      /change log cannot be used/,
    );
  });

  it('says in words what is wrong', async () => {
    const problem = (given: Record<string, unknown>, password?: string) => source(given, password).describe(signal);
    await expect(problem({}, 'wrong')).rejects.toMatchObject({
      kind: 'configuration',
      message: expect.stringMatching(/refused the name or the password.*binding as cn=Directory Manager/),
    });
    await expect(problem({ url: 'ldap://127.0.0.1:1' })).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringMatching(/nothing listens there/),
    });
    await expect(problem({ baseDn: 'dc=other,dc=org' })).rejects.toMatchObject({
      kind: 'configuration',
      message: expect.stringMatching(/base dc=other,dc=org does not exist/),
    });
    await expect(problem({ url: directory.url.replace('ldap:', 'ldaps:') })).rejects.toMatchObject({
      name: 'SourceProblem',
    });
    await expect(problem({ caFile: '/nowhere.pem', url: directory.url.replace('ldap:', 'ldaps:') })).rejects.toThrow(
      /\/nowhere.pem cannot be read/,
    );
    expect(() => source({ users: { filter: '(uid=' } })).toThrow(/filter users.filter "\(uid=" cannot be read/);
    expect(() => source({ baseDn: 'nonsense' })).toThrow(/not a name/);
  });

  it('gives up in time where something listens and does not answer', async () => {
    const silent = await listen(() => undefined);
    await expect(source({ url: silent.url, timeout: '300ms' }).describe(signal)).rejects.toThrow(
      /did not answer in time/,
    );
    await silent.close();
  });
});

describe('reading', () => {
  it('brings everything page by page, without what is excluded', async () => {
    const pages: number[] = [];
    const ids = new Set<string>();
    for await (const page of source({ pageSize: 40 }).read('user', signal)) {
      pages.push(page.length);
      for (const object of objectsOf(page)) {
        ids.add(object.objectId);
        expect(object.attributes).not.toHaveProperty('userPassword');
        expect(object.modifiedAt?.subSecond).toBe(true);
      }
    }
    expect(Math.max(...pages)).toBe(40);
    expect(ids.size).toBe(250);
    const [group] = await all(source().read('group', signal));
    expect(group).toMatchObject({ objectId: id(900), members: [userDn(1)], attributes: { cn: ['g'] } });
  });

  it('finds entries by name, by id and below a name, of either type, and leaves out the others', async () => {
    const reader = source();
    const names = [
      userDn(3),
      `cn=g,ou=groups,${BASE}`,
      `ou=people,${BASE}`,
      userDn(9999),
      'cn=elsewhere,dc=com',
      'nonsense',
    ];
    expect(objectsOf(await reader.readByDn(names, signal)).map(({ objectType }) => objectType)).toEqual([
      'user',
      'group',
    ]);
    const ids = [...Array.from({ length: 120 }, (_, n) => id(n)), id(900), id(5555)];
    expect(objectsOf(await reader.readById(ids, signal))).toHaveLength(121);
    expect(await all(reader.readBelow(`ou=people,${BASE}`, signal))).toHaveLength(250);
    expect(await all(reader.readBelow(`ou=nowhere,${BASE}`, signal))).toHaveLength(0);
    expect(await all(source({ users: { base: `ou=people,${BASE}` } }).readBelow(BASE, signal))).toHaveLength(251);
  });

  it('binds again after a lost connection, instead of reading on as nobody', async () => {
    const proxy = await listen((socket) => {
      const upstream = connect(directory.port, '127.0.0.1');
      socket.pipe(upstream).pipe(socket);
      socket.on('close', () => upstream.destroy());
      upstream.on('error', () => socket.destroy());
    });
    const reader = source({ url: proxy.url });
    expect(await reader.readByDn([userDn(1)], signal)).toHaveLength(1);
    proxy.cut();
    const again = async () => reader.readByDn([userDn(1)], signal).catch((error: unknown) => error as Error);
    let answer = await again();
    if (answer instanceof Error) {
      expect(answer.message).toMatch(/connection was lost|reset/);
      answer = await again();
    }
    expect(answer).toHaveLength(1);
    await proxy.close();
  });

  it('ends when it is told to', async () => {
    const stop = new AbortController();
    const pages = source({ pageSize: 10 }).read('user', stop.signal);
    await pages.next();
    stop.abort(new Error('stopped'));
    await expect(pages.next()).rejects.toThrow('stopped');
  });
});

describe('the change log', () => {
  it('tells what was touched since a position, whatever it was', async () => {
    const feed = source();
    const start = await feed.position(signal);
    expect(touches(await feed.look(start, signal))).toEqual([]);
    await replace(userDn(10), 'sn', 'New');
    await admin.modifyDN(userDn(11), `uid=r11,ou=groups,${BASE}`);
    await admin.del(userDn(12));
    await admin.add('uid=new,ou=people,' + BASE, { objectClass: ['inetOrgPerson'], uid: 'new', cn: 'n', sn: 'n' });
    const look = await feed.look(start, signal);
    expect(touches(look).map(({ change, dn, newDn }) => [change, dn, newDn])).toEqual([
      ['modify', userDn(10), undefined],
      ['rename', userDn(11), `uid=r11,ou=groups,${BASE}`],
      ['delete', userDn(12), undefined],
      ['add', `uid=new,ou=people,${BASE}`, undefined],
    ]);
    expect(touches(look).every(({ at }) => at?.subSecond === true)).toBe(true);
    expect(touches(await feed.look(after(look), signal))).toEqual([]);
    // Another process goes on from the same position.
    expect(touches(await source().look(after(look), signal))).toEqual([]);
  });

  it('says who leaves behind the changes of a look, once', async () => {
    const feed = source({ accountStatus: { rule: 'flag', attribute: 'employeeType', value: 'left' } });
    const start = await feed.position(signal);
    for (let n = 0; n < MOST_CHANGES; n += 1) await replace(userDn(20), 'sn', `: employee ${n}`);
    await replace(userDn(21), 'employeeType', 'left');
    await replace(userDn(22), 'title', 'Manager');
    await admin.del(userDn(23));
    const look = await feed.look(start, signal);
    const { urgent, behind } = look.kind === 'touches' ? look : {};
    expect(behind).toBeGreaterThanOrEqual(3);
    expect(urgent?.map(({ change, dn }) => [change, dn])).toEqual([
      ['modify', userDn(21)],
      ['delete', userDn(23)],
    ]);
    const later = await rest(feed, after(look));
    expect(later.flatMap((each) => each.urgent ?? [])).toEqual([]);
    expect(
      later
        .flatMap(touches)
        .map(({ dn }) => dn)
        .filter((dn) => dn !== userDn(20)),
    ).toEqual([21, 22, 23].map(userDn));
  });

  it('names the deletions of a mass that wait, until their turn', async () => {
    const feed = source();
    const start = await feed.position(signal);
    for (let n = 30; n < 30 + MASS; n += 1) await admin.del(userDn(n));
    const looks = await rest(feed, start);
    expect(looks.flatMap(({ urgent }) => urgent ?? [])).toEqual([]);
    const gone = looks.flatMap(touches).map(({ dn }) => dn);
    expect(gone).toHaveLength(MASS);
    let passed = 0;
    for (const look of looks) {
      passed += look.touches.length;
      expect(look.deletionsBehind ?? []).toEqual(gone.slice(passed));
    }
  });

  it('notices that it was trimmed, that it went back, and that it is another one', async () => {
    const feed = source();
    const position = await feed.position(signal);
    const reason = async (cursor: FeedCursor) => {
      const look = await source().look(cursor, signal);
      return look.kind === 'gap' ? look.reason : 'no gap';
    };
    expect(await reason({ ...position, number: 1 })).toMatch(/trimmed/);
    expect(await reason({ ...position, number: Number(position['number']) + 5 })).toMatch(/went back/);
    expect(await reason({ ...position, mark: 'add|cn=another|' })).toMatch(/started anew/);
    expect(await reason({ feed: 'poll', since: new Date().toISOString() })).toMatch(/feed is now changelog/);
  });
});

describe('polling', () => {
  it('brings what has changed since, again and again within its overlap, and nothing older', async () => {
    const writer = new Client({ url: unlogged.url });
    await writer.bind(unlogged.bindDn, PASSWORD);
    let now = Date.now();
    const feed = new LdapSource({
      spec: specOf({ url: unlogged.url }),
      password: async () => PASSWORD,
      now: () => now,
    });
    opened.push(feed);
    // Everything was written a moment ago; a position five minutes later is behind all of it.
    now += 360_000;
    const start = await feed.position(signal);
    expect(touches(await feed.look(start, signal))).toEqual([]);
    const early = { feed: 'poll', since: new Date(Date.now() - 60_000).toISOString() };
    const look = await feed.look(early, signal);
    expect(touches(look)).toHaveLength(251);
    await writer.modify(userDn(20), [
      new Change({ operation: 'replace', modification: new Attribute({ type: 'sn', values: ['Polled'] }) }),
    ]);
    const next = await feed.look(after(look), signal);
    expect(touches(next).find(({ dn }) => dn === userDn(20))?.item).toMatchObject({
      object: { attributes: { sn: ['Polled'] } },
    });
    await writer.unbind();
  });
});

describe('a limited directory', () => {
  it('is not taken for a complete one', async () => {
    const limited = await startDirectory({
      baseDn: BASE,
      dataDir: join(folder, 'limited'),
      ldif: join(folder, 'start.ldif'),
      password: PASSWORD,
      maxSizeLimit: 30,
      ...(classPath === undefined ? {} : { classPath }),
    });
    const reader = source({ url: limited.url });
    const outcome = await all(reader.read('user', signal)).catch((error: unknown) => error);
    // Either every entry, by pages below the limit, or an error: never a part that looks like everything.
    if (Array.isArray(outcome)) expect(outcome).toHaveLength(250);
    else expect(outcome).toMatchObject({ kind: 'truncated' });
    await limited.stop();
  });
});

interface Listener {
  readonly url: string;
  cut(): void;
  close(): Promise<void>;
}

async function listen(onSocket: (socket: Socket) => void): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `ldap://127.0.0.1:${port}`,
    cut,
    close: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
