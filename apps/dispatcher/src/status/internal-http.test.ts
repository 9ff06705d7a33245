import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { silentLogger } from '@provisor/telemetry';
import { afterEach, describe, expect, it } from 'vitest';
import { internalHttp } from './internal-http.js';

const TOKEN = 'a-token-of-sixteen-characters';
let server: Server | undefined;

async function serve(token: string | undefined): Promise<string> {
  const report = {
    connections: async () => ({ spConnections: [] }),
    object: async (connection: string, objectId: string) =>
      objectId === 'a/b' ? { spConnection: connection, objectId } : undefined,
  };
  server = createServer(internalHttp({ report, token, log: silentLogger }));
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
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

  it('changes nothing', async () => {
    const url = await serve(undefined);
    expect((await fetch(`${url}/internal/sp-connections`, { method: 'POST' })).status).toBe(405);
  });
});
