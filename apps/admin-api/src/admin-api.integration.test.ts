import { randomUUID } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  encodeRecord,
  provisioningDeadLetters,
  type ConfigurationRecord,
  type ProvisioningResult,
} from '@provisor/contracts';
import { SecretResolver } from '@provisor/host';
import { type ReceivedRecord } from '@provisor/kafka';
import { describe, expect, it } from 'vitest';
import { connection, eventually, result, store, type Answer } from './examples.fixture.js';
import {
  KEY,
  ask,
  configuration,
  directory,
  dispatcherAnswers,
  kafka,
  publish,
  service,
  start,
  stored,
} from './admin-api.fixture.js';

describe('authentication and form', () => {
  it('lets nobody in without the right token and says so as a problem', async () => {
    const none = await ask('GET', '/v1/documents', { headers: { authorization: '' } });
    expect(none.status).toBe(401);
    expect(none.headers.get('content-type')).toBe('application/problem+json');
    expect(none.headers.get('www-authenticate')).toContain('Bearer');
    expect(none.body).toMatchObject({ status: 401, code: 'unauthorized', title: 'Unauthorized' });
    const wrong = await ask('GET', '/v1/documents', { headers: { authorization: 'Bearer wrong-token-wrong-token' } });
    expect(wrong.status).toBe(401);
    expect(JSON.stringify(wrong.body)).not.toContain('wrong-token-wrong-token');
  });

  it('does not tell the unauthenticated what paths there are', async () => {
    expect((await ask('GET', '/v1/no-such-path', { headers: { authorization: '' } })).status).toBe(401);
  });

  it('answers unknown paths, wrong methods, media types, bodies and sizes with problems', async () => {
    expect((await ask('GET', '/v1/no-such-path')).body).toMatchObject({ status: 404, code: 'not-found' });
    const method = await ask('PUT', '/v1/status', { body: {} });
    expect(method.body).toMatchObject({ status: 405, code: 'method-not-allowed' });
    expect(method.headers.get('allow')).toBe('GET, HEAD');
    expect(
      (await ask('PUT', '/v1/documents', { raw: 'a: b', headers: { 'content-type': 'text/yaml' } })).body,
    ).toMatchObject({
      status: 415,
    });
    expect((await ask('PUT', '/v1/documents', { raw: '{"documents":' })).body).toMatchObject({
      status: 400,
      detail: 'The body is not valid JSON.',
    });
    expect((await ask('PUT', '/v1/documents', { raw: `{"x":"${'y'.repeat(5_000_000)}"}` })).body).toMatchObject({
      status: 413,
    });
    expect((await ask('PUT', '/v1/documents', { raw: '{"__proto__": {"x": 1}, "documents": []}' })).status).toBe(400);
  });

  it('carries request ids and security headers', async () => {
    const { headers } = await ask('GET', '/v1/documents', { headers: { 'x-request-id': 'my-id-1' } });
    expect(headers.get('x-request-id')).toBe('my-id-1');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
    const forged = await ask('GET', '/v1/documents', { headers: { 'x-request-id': 'a b<script>' } });
    expect(forged.headers.get('x-request-id')).not.toContain('<');
  });

  it('shows its description to anybody, and health and metrics beside the API', async () => {
    const { body } = await ask('GET', '/v1/openapi.json', { headers: { authorization: '' } });
    expect(body.openapi).toBe('3.1.0');
    const ready = await eventually(async () => {
      const answer = await ask('GET', '/health/ready');
      return answer.status === 200 ? answer : undefined;
    }, 'ready');
    expect(ready.body.details.database).toBe('answers');
    expect((await fetch(`${service.url}/metrics`)).status).toBe(200);
  });
});

describe('documents', () => {
  it('applies several at once, publishes them with rising versions, and changes nothing when applied again', async () => {
    const documents = [connection('first-sp', 'first-ldap'), store('first-ldap')];
    const dry = await ask('PUT', '/v1/documents?dryRun=true', { body: { documents } });
    expect(dry.body).toMatchObject({ dryRun: true, changes: [{ change: 'created' }, { change: 'created' }] });
    expect((await ask('GET', '/v1/documents/DataStore/first-ldap')).status).toBe(404);

    const applied = await ask('PUT', '/v1/documents', { body: { documents } });
    expect(applied.status).toBe(200);
    const [one, two] = applied.body.changes;
    expect(two?.version).toBeGreaterThan(one?.version ?? 0);
    const record = await eventually(
      () => configuration.find(({ key }) => key === 'SpConnection/first-sp'),
      'published',
    );
    expect(record.value).toMatchObject({ version: one?.version, document: { metadata: { name: 'first-sp' } } });

    const again = await ask('PUT', '/v1/documents', { body: { documents } });
    expect(again.body.changes.map((item) => item.change)).toEqual(['unchanged', 'unchanged']);
    const versions = await ask('GET', '/v1/documents/SpConnection/first-sp/versions');
    expect(versions.body.versions).toHaveLength(1);
  });

  it('names every mistake of every document by its place and stores none of them', async () => {
    const { status, body } = await ask('PUT', '/v1/documents', {
      body: {
        documents: [
          store('good-ldap'),
          {
            ...connection('bad-sp', 'missing-ldap'),
            spec: {
              ...connection('x', 'missing-ldap').spec,
              channels: [
                {
                  name: 'a',
                  dataStore: 'missing-ldap',
                  users: { filter: '(uid=*' },
                  attributes: { userName: { expression: 'attr.uid[' } },
                },
              ],
            },
          },
        ],
      },
    });
    expect(status).toBe(422);
    const pointers = body.errors.map((error) => error.pointer);
    expect(pointers).toContain('/documents/1/spec/channels/0/dataStore');
    expect(pointers).toContain('/documents/1/spec/channels/0/users/filter');
    expect(pointers.some((pointer) => pointer.startsWith('/documents/1/spec/channels/0/attributes/userName'))).toBe(
      true,
    );
    expect((await ask('GET', '/v1/documents/DataStore/good-ldap')).status).toBe(404);
  });

  it('names a mistake against the schema with what was expected', async () => {
    const { status, body } = await ask('PUT', '/v1/documents', {
      body: { documents: [store('x', { feed: 'telepathy', colour: 'red' })] },
    });
    expect(status).toBe(422);
    expect(body.errors).toContainEqual(
      expect.objectContaining({ pointer: '/documents/0/spec/feed', expected: 'auto, changelog, poll' }),
    );
    expect(body.errors).toContainEqual(expect.objectContaining({ pointer: '/documents/0/spec/colour' }));
  });

  it('keeps two people from overwriting each other', async () => {
    await ask('PUT', '/v1/documents', { body: { documents: [store('shared-ldap')] } });
    const { headers, body } = await ask('GET', '/v1/documents/DataStore/shared-ldap');
    const etag = headers.get('etag') ?? '';
    expect(etag).toBe(`"${body.version}"`);
    const mine = await ask('PUT', '/v1/documents/DataStore/shared-ldap', {
      body: store('shared-ldap', { pageSize: 100 }),
      headers: { 'if-match': etag },
    });
    expect(mine.body).toMatchObject({
      change: 'updated',
      differences: [{ pointer: '/spec/pageSize', before: 500, after: 100 }],
    });
    const theirs = await ask('PUT', '/v1/documents/DataStore/shared-ldap', {
      body: store('shared-ldap', { pageSize: 200 }),
      headers: { 'if-match': etag },
    });
    expect(theirs.status).toBe(412);
    const fresh = await ask('PUT', '/v1/documents/DataStore/shared-ldap', {
      body: store('shared-ldap'),
      headers: { 'if-none-match': '*' },
    });
    expect(fresh.status).toBe(412);
  });

  it('removes a document with a tombstone, unless another one needs it', async () => {
    await ask('PUT', '/v1/documents', {
      body: { documents: [store('doomed-ldap'), connection('doomed-sp', 'doomed-ldap')] },
    });
    const refused = await ask('DELETE', '/v1/documents/DataStore/doomed-ldap');
    expect(refused.status).toBe(409);
    expect(refused.body.detail).toContain('doomed-sp');
    expect((await ask('DELETE', '/v1/documents/SpConnection/doomed-sp')).body).toMatchObject({ change: 'deleted' });
    await eventually(
      () => configuration.find(({ key, value }) => key === 'SpConnection/doomed-sp' && value === null),
      'tombstone',
    );
    const versions = await ask('GET', '/v1/documents/SpConnection/doomed-sp/versions');
    expect(versions.body.versions.map((item) => item.change)).toEqual(['deleted', 'created']);
    const created = versions.body.versions[1]?.version;
    expect((await ask('GET', `/v1/documents/SpConnection/doomed-sp/versions/${created}`)).body.document.kind).toBe(
      'SpConnection',
    );
  });

  it('audits who changed what', async () => {
    await ask('PUT', '/v1/documents', {
      body: { documents: [store('audited-ldap')] },
      headers: { 'x-provisor-actor': 'anna' },
    });
    const { body } = await ask('GET', '/v1/audit?subject=DataStore/audited-ldap');
    expect(body.entries).toMatchObject([{ action: 'document.created', actor: 'anna (admin token)' }]);
  });

  it('keeps versions in order under concurrent writers', async () => {
    const writes = Array.from({ length: 8 }, (_, index) =>
      ask('PUT', '/v1/documents', { body: { documents: [store('contested-ldap', { pageSize: index + 1 })] } }),
    );
    const versions = (await Promise.all(writes)).map(({ body }) => body.changes[0]?.version ?? 0);
    expect(new Set(versions).size).toBe(8);
    const records = await eventually(() => {
      const seen = configuration.filter(({ key }) => key === 'DataStore/contested-ldap');
      return seen.length === 8 ? seen : undefined;
    }, 'eight records');
    const published = records.map(({ value }) => value?.version ?? 0);
    expect(published).toEqual(versions.toSorted((a, b) => a - b));
  });
});

describe('secrets', () => {
  const opened = (sealed: string) => new SecretResolver({ env: {}, key: KEY }).resolve({ encrypted: sealed });
  const tokenOf = (record: ReceivedRecord<ConfigurationRecord>) =>
    (record.value?.document as { spec: { target: { auth: { token: { encrypted: string } } } } }).spec.target.auth.token
      .encrypted;

  it('encrypts values before they are stored, published or shown, and knows them again', async () => {
    const secret = `s-${randomUUID()}`;
    const document = connection('value-sp', 'first-ldap', { auth: { type: 'bearer', token: { value: secret } } });
    const documents = [store('first-ldap'), document];
    expect((await ask('PUT', '/v1/documents', { body: { documents } })).status).toBe(200);
    const shown = await ask('GET', '/v1/documents/SpConnection/value-sp');
    expect(JSON.stringify(shown.body)).not.toContain(secret);
    const record = await eventually(
      () => configuration.find(({ key }) => key === 'SpConnection/value-sp'),
      'published',
    );
    expect(await opened(tokenOf(record))).toBe(secret);
    const again = await ask('PUT', '/v1/documents', { body: { documents } });
    expect(again.body.changes[1]?.change).toBe('unchanged');
    const other = await ask('PUT', '/v1/documents?dryRun=true', {
      body: {
        documents: [connection('value-sp', 'first-ldap', { auth: { type: 'bearer', token: { value: 'another' } } })],
      },
    });
    expect(other.body.changes[0]?.differences).toHaveLength(1);
    expect(JSON.stringify(other.body)).not.toContain('another');
  });

  it('stores secrets by name, never gives them back, and publishes their users anew when they change', async () => {
    const document = connection('named-sp', 'first-ldap', { auth: { type: 'bearer', token: { secret: 'sp.token' } } });
    const missing = await ask('PUT', '/v1/documents', { body: { documents: [store('first-ldap'), document] } });
    expect(missing.body.errors[0]).toMatchObject({ pointer: '/documents/1/spec/target/auth/token' });

    expect((await ask('PUT', '/v1/secrets/sp.token', { body: { value: 'one' } })).body).toEqual({
      name: 'sp.token',
      documents: 0,
    });
    expect((await ask('PUT', '/v1/documents', { body: { documents: [store('first-ldap'), document] } })).status).toBe(
      200,
    );
    expect((await ask('PUT', '/v1/secrets/sp.token', { body: { value: 'two' } })).body).toEqual({
      name: 'sp.token',
      documents: 1,
    });
    const records = await eventually(() => {
      const seen = configuration.filter(({ key }) => key === 'SpConnection/named-sp');
      return seen.length === 2 ? seen : undefined;
    }, 'two records');
    expect(await Promise.all(records.map((record) => opened(tokenOf(record))))).toEqual(['one', 'two']);

    const list = await ask('GET', '/v1/secrets');
    expect(list.body.secrets).toMatchObject([{ name: 'sp.token' }]);
    expect(JSON.stringify(list.body)).not.toMatch(/one|two|eyJ/);
    expect((await ask('GET', '/v1/secrets/sp.token')).status).toBe(405);
    expect((await ask('DELETE', '/v1/secrets/sp.token')).status).toBe(409);
    expect((await ask('GET', '/v1/documents/SpConnection/named-sp')).body.document.spec.target.auth.token).toEqual({
      secret: 'sp.token',
    });
  });
});

describe('history', () => {
  it('keeps each result once, in order, and finds an object by id, user name and DN', async () => {
    const first = result({ outcome: 'retryable', terminal: false, code: 'http.timeout', traceId: 'abc', attempt: 1 });
    const second = result({ outcome: 'applied', attempt: 2, targetId: 't-1' });
    await publish([first, second, first]);
    await publish([first]);
    await stored(second.id);
    const marker = result({ objectId: 'o-marker' });
    await publish([marker]);
    await stored(marker.id);

    dispatcherAnswers.set('/internal/sp-connections/history/objects/o-1', { state: 'done', attempt: 2 });
    const byId = await ask('GET', '/v1/sp-connections/history/objects/o-1/timeline');
    expect(byId.body.results.map((item) => item.id)).toEqual([first.id, second.id]);
    expect(byId.body.current).toEqual({ known: true, state: { state: 'done', attempt: 2 } });
    expect(byId.body.summary).toMatchObject({ outcome: 'applied', targetId: 't-1', attempt: 2 });
    const byName = await ask('GET', '/v1/sp-connections/history/timeline?label=JDOE');
    expect(byName.status).toBe(409); // o-marker has the same label
    await publish([result({ objectId: 'o-2', label: 'uid=asmith,ou=people,dc=corp,dc=example' })]);
    const found = await eventually(async () => {
      const answer = await ask('GET', '/v1/sp-connections/history/timeline?label=asmith');
      return answer.status === 200 ? answer : undefined;
    }, 'asmith');
    expect(found.body.objectId).toBe('o-2');
    expect((await ask('GET', '/v1/objects?label=asm')).body.objects).toHaveLength(1);
    expect((await ask('GET', '/v1/objects?label=100%25')).body.objects).toHaveLength(0);
  });

  it('pages through results and filters them', async () => {
    const many = Array.from({ length: 25 }, (_, index) =>
      result({ spConnection: 'paged', objectId: `p-${index}`, outcome: index % 5 === 0 ? 'rejected' : 'applied' }),
    );
    for (const one of many) await publish([one]);
    await stored(many.at(-1)?.id ?? '');
    await eventually(async () => {
      const { body } = await ask('GET', '/v1/results?spConnection=paged&limit=100');
      return body.results.length === 25 ? true : undefined;
    }, 'all of them');
    const seen: string[] = [];
    let next: string | undefined;
    do {
      const { body }: Answer = await ask(
        'GET',
        `/v1/results?spConnection=paged&limit=10${next ? `&cursor=${next}` : ''}`,
      );
      seen.push(...body.results.map((item) => item.id));
      next = body.next;
    } while (next);
    expect(seen.toSorted()).toEqual(many.map(({ id }) => id).toSorted());
    const failures = await ask('GET', '/v1/results?spConnection=paged&outcome=rejected,held');
    expect(failures.body.results).toHaveLength(5);
    expect((await ask('GET', '/v1/results?outcome=nonsense')).body).toMatchObject({
      status: 400,
      errors: [{ parameter: 'outcome/0' }],
    });
  });

  it('lets a follower have each new result soon, in order and once', async () => {
    const begin = await ask('GET', '/v1/results/stream?spConnection=followed');
    expect(begin.body.results).toEqual([]);
    const waiting = ask('GET', `/v1/results/stream?spConnection=followed&cursor=${begin.body.cursor}&waitSeconds=20`);
    const one = result({ spConnection: 'followed' });
    const two = result({ spConnection: 'followed' });
    await publish([one, two]);
    const got: ProvisioningResult[] = [...(await waiting).body.results];
    let { cursor } = (await waiting).body;
    while (got.length < 2) {
      const more = await ask('GET', `/v1/results/stream?spConnection=followed&cursor=${cursor}&waitSeconds=10`);
      got.push(...more.body.results);
      cursor = more.body.cursor;
    }
    expect(got.map(({ id }) => id)).toEqual([one.id, two.id]);
    const nothing = await ask('GET', `/v1/results/stream?spConnection=followed&cursor=${cursor}&waitSeconds=0`);
    expect(nothing.body.results).toEqual([]);
  });

  it('does not let an older version or a superseded note speak for an object', async () => {
    const newer = result({ spConnection: 'order', version: { sequence: 5, config: 2 } });
    const older = result({ spConnection: 'order', version: { sequence: 4, config: 9 }, outcome: 'rejected' });
    const note = result({ spConnection: 'order', version: { sequence: 5, config: 2 }, outcome: 'superseded' });
    await publish([newer, older, note]);
    await stored(note.id);
    const { body } = await ask('GET', '/v1/sp-connections/order/objects/o-1/timeline');
    expect(body.summary).toMatchObject({ outcome: 'applied', version: { sequence: 5, config: 2 } });
    expect(body.current).toMatchObject({ known: true });
  });

  it('shows dead letters, with ids that hold slashes, and what PostgreSQL could not store as it is', async () => {
    const id = `identity.changes.v1/3/${Date.now()}`;
    const letter = {
      id,
      stage: 'mapping',
      cause: { code: 'record.not-json', message: 'The record is not JSON \u0000.' },
      origin: {
        topic: 'identity.changes.v1',
        partition: 3,
        offset: '42',
        timestamp: new Date().toISOString(),
        key: 'a\u0000b',
        headers: {},
      },
      value: Buffer.from('garbage').toString('base64'),
      valueBytes: 7,
      failedAt: new Date().toISOString(),
    };
    const producer = await kafka.producer();
    const record = encodeRecord(provisioningDeadLetters, letter, { id, source: '/test', time: new Date() });
    await producer.send([{ topic: provisioningDeadLetters.name, ...record }]);
    const found = await eventually(async () => {
      const answer = await ask('GET', `/v1/dead-letters/${encodeURIComponent(id)}`);
      return answer.status === 200 ? answer : undefined;
    }, 'dead letter');
    expect(found.body).toMatchObject({ value: letter.value, origin: { key: 'a\ufffdb' } });
    const list = await ask('GET', '/v1/dead-letters');
    expect(list.body.deadLetters[0]).not.toHaveProperty('value');
  });
});

describe('the token file', () => {
  it('is made on the first start, for its owner only, and used on the next', async () => {
    const file = join(directory, 'made', 'token');
    const second = await start({ ADMIN_TOKEN: '', ADMIN_TOKEN_FILE: file });
    try {
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      const token = (await readFile(file, 'utf8')).trim();
      const { status } = await fetch(`${second.url}/v1/documents`, { headers: { authorization: `Bearer ${token}` } });
      expect(status).toBe(200);
    } finally {
      await second.stop();
    }
    const bad = join(directory, 'short-token');
    await writeFile(bad, 'short');
    await expect(start({ ADMIN_TOKEN: '', ADMIN_TOKEN_FILE: bad })).rejects.toThrow('shorter than 16');
  });
});
