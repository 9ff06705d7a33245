import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { connect, created, person, serve, setUp, simulator } from './scim-target.fixture.js';

describe('discovery', () => {
  test('a target without it is as its profile says', async () => {
    const { connector, context } = setUp({ settings: { discovery: false } });
    const answer = await connector.describe(context);
    expect(answer).toMatchObject({ kind: 'described', description: { groups: true, maxMembersPerCall: 100 } });
    await created(connector, context);
  });

  test('is asked once by many calls at the same time', async () => {
    const { tenant, connector, context } = setUp();
    await Promise.all(Array.from({ length: 10 }, (_, at) => created(connector, context, person(`o${at}`))));
    expect(tenant.ledger.entries.filter(({ method }) => method === 'GET')).toHaveLength(3);
  });

  test('a mistake in the profile halts the connection, in words', async () => {
    const { tenant, context } = setUp();
    const connector = connect(tenant.baseUrl, { profile: { 'update.verb': 'post' } });
    expect(await connector.create(person(), context)).toMatchObject({
      kind: 'halted',
      code: 'scim.profile',
      cause: expect.stringContaining('update.verb') as string,
    });
    const unknown = connect(tenant.baseUrl, { vendorProfile: 'nobody' });
    expect(await unknown.describe(context)).toMatchObject({ kind: 'failed', outcome: { code: 'scim.profile' } });
  });
});

describe('where requests go', () => {
  const target = (baseUrl: string, allowInsecure: boolean) =>
    connect(baseUrl, { allowInsecure, profile: { 'discovery.enabled': false } });

  test('plain http, and private addresses by number or by name, are refused without a connection', async () => {
    const { tenant, context } = setUp();
    expect(await target(tenant.baseUrl, false).create(person(), context)).toMatchObject({
      kind: 'halted',
      code: 'http.insecure',
    });
    for (const host of [
      `127.0.0.1:${simulator().port}`,
      `localhost:${simulator().port}`,
      `[::1]:${simulator().port}`,
      '169.254.169.254',
    ]) {
      const outcome = await target(`https://${host}/v2`, false).create(person(), context);
      expect(outcome, host).toMatchObject({ kind: 'halted', code: 'http.private-address' });
    }
    expect(tenant.ledger.entries).toHaveLength(0);
  });

  test('a redirect is followed for reads within the origin, and the token goes nowhere else', async () => {
    const strangers: IncomingMessage[] = [];
    const stranger = await serve((request, response) => {
      strangers.push(request);
      response.writeHead(200).end('{}');
    });
    const empty = JSON.stringify({ totalResults: 0, Resources: [] });
    const home = await serve((request, response) => {
      if (request.url?.startsWith('/moved')) return void response.writeHead(200).end(empty);
      const to = request.url?.includes('externalId') ? '/moved' : `${stranger.baseUrl}/stolen`;
      response.writeHead(302, { location: to }).end();
    });
    const { context } = setUp();
    const connector = target(home.baseUrl, true);
    expect(await connector.lookup(person(), context)).toMatchObject({
      kind: 'failed',
      outcome: { kind: 'halted', code: 'http.redirect' },
    });
    expect(await connector.create(person(), context)).toMatchObject({ kind: 'halted', code: 'http.redirect' });
    expect(strangers).toHaveLength(0);
  });

  test('an answer without end is cut off', async () => {
    const { baseUrl } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = () => {
        while (response.writable && response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    });
    const answer = await target(baseUrl, true).lookup(person(), setUp().context);
    expect(answer).toMatchObject({ kind: 'failed', outcome: { code: 'http.answer-too-large' } });
  });
});
