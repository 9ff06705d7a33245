import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { silentLogger } from '@provisor/telemetry';
import { afterEach, describe, expect, it } from 'vitest';
import { HoldReport, type HoldReportStore } from './hold-report.js';
import { internalHttp } from './internal-http.js';

const TOKEN = 'a-token-of-sixteen-characters';
let server: Server | undefined;

async function serve(token: string | undefined): Promise<string> {
  const report = {
    connections: async () => ({ spConnections: [] }),
    object: async (connection: string, objectId: string) =>
      objectId === 'a/b' ? { spConnection: connection, objectId } : undefined,
  };
  const holds = new HoldReport({ list: async (name, ...asked) => (name === 'slack' ? pageFor(asked) : undefined) });
  server = createServer(
    internalHttp({
      report,
      holds,
      reconciliations: { list: async () => ({ reconciliations: [] }) },
      token,
      log: silentLogger,
    }),
  );
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
let asked: unknown;
const pageFor = (question: unknown): Awaited<ReturnType<HoldReportStore['list']>> => {
  asked = question;
  return {
    counts: { delete: 0, disable: 2, blank: 0, 'remove-member': 1 },
    oldest: new Date(0),
    holds: [],
    end: { since: 5, objectId: 'a/b', groupId: 'g' },
  };
};
const withToken = { headers: { authorization: `Bearer ${TOKEN}` } };

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve));
});

describe('internalHttp', () => {
  it('answers whoever shows the token, and nobody else', async () => {
    const url = await serve(TOKEN);
    expect((await fetch(`${url}/internal/sp-connections`)).status).toBe(401);
    const wrong = { headers: { authorization: 'Bearer wrong' } };
    expect((await fetch(`${url}/internal/sp-connections`, wrong)).status).toBe(401);
    const right = await fetch(`${url}/internal/sp-connections`, withToken);
    expect(await right.json()).toEqual({ spConnections: [] });
  });

  it('finds an object by its encoded id', async () => {
    const url = await serve(TOKEN);
    const known = await fetch(`${url}/internal/sp-connections/slack/objects/a%2Fb`, withToken);
    expect(await known.json()).toEqual({ spConnection: 'slack', objectId: 'a/b' });
    expect((await fetch(`${url}/internal/sp-connections/slack/objects/zzz`, withToken)).status).toBe(404);
    expect((await fetch(`${url}/internal/sp-connections/slack/objects/%E0%A4%A`, withToken)).status).toBe(404);
  });

  it('lists holds by page, and the next page begins where the first one ended', async () => {
    const url = await serve(TOKEN);
    const holds = `${url}/internal/sp-connections/slack/holds`;
    const selected = '?kind=disable&kind=delete&objectId=x%2Cy&groupId=g&limit=7';
    const first = (await (await fetch(`${holds}${selected}`, withToken)).json()) as { total: number; next: string };
    expect(first).toMatchObject({ total: 3, counts: { disable: 2 }, oldestSince: new Date(0).toISOString() });
    expect(asked).toEqual([{ kinds: ['disable', 'delete'], objectIds: ['x,y'], groupId: 'g' }, { limit: 7 }]);
    await fetch(`${holds}?cursor=${first.next}`, withToken);
    expect(asked).toEqual([{}, { limit: 50, after: { since: 5, objectId: 'a/b', groupId: 'g' } }]);
    await fetch(`${holds}?cursor=nonsense&limit=100000`, withToken);
    expect(asked).toEqual([{}, { limit: 500 }]);
    expect((await fetch(`${url}/internal/sp-connections/none/holds`, withToken)).status).toBe(404);
  });

  it('changes nothing', async () => {
    const url = await serve(undefined);
    expect((await fetch(`${url}/internal/sp-connections`, { method: 'POST' })).status).toBe(405);
  });
});
