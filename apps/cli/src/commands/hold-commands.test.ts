import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { run } from '../program.js';
import type { Terminal } from '../terminal.js';

const HOLD = {
  kind: 'disable',
  objectId: 'o-1',
  objectType: 'user',
  label: 'uid=jdoe',
  channel: 'staff',
  cause: '50 accounts were disabled or deleted within 1h',
  since: new Date(Date.now() - 3_600_000).toISOString(),
  version: { sequence: 2, config: 1 },
  reason: 'left-scope',
  occurredAt: '2026-01-01T00:00:00.000Z',
};
const pageOf = (spConnection: string, total: number) => ({
  spConnection,
  total,
  counts: { delete: 0, disable: total, blank: 0, 'remove-member': 0 },
  oldestSince: total === 0 ? null : HOLD.since,
  holds: total === 0 ? [] : [HOLD],
});

let server: Server | undefined;
let asked: { method: string; url: string; body: unknown }[] = [];

/** An admin API that knows one SP connection with holds and one without. */
async function api(): Promise<string> {
  asked = [];
  server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const { method = '', url = '' } = request;
      asked.push({ method, url, body });
      const name = /sp-connections\/([^/]+)\/holds/.exec(url)?.[1];
      const answer =
        method === 'POST'
          ? { id: 'c-1', action: 'approve' }
          : name === undefined
            ? {
                at: HOLD.since,
                spConnections: [
                  { name: 'full', state: 'active' },
                  { name: 'empty', state: 'active' },
                ],
                dataStores: [],
                deadLetters: 0,
                problems: [],
              }
            : pageOf(name, name === 'full' ? 12 : 0);
      response
        .writeHead(method === 'POST' ? 202 : 200, { 'content-type': 'application/json' })
        .end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString());
}

async function provisor(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const output = { out: '', err: '' };
  const terminal: Terminal = {
    out: (text: string) => void (output.out += text),
    err: (text: string) => void (output.err += text),
    env: { PROVISOR_URL: await api(), PROVISOR_TOKEN: 'a-token-of-sixteen-characters' },
    interactive: false,
    cwd: '/',
    readInput: async () => '',
    interrupted: new AbortController().signal,
  };
  const code = await run(args, terminal);
  return { code, ...output };
}

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve));
});

describe('provisor holds, approve and reject', () => {
  it('lists what is held, of all SP connections that hold anything', async () => {
    const { code, out } = await provisor('holds');
    expect(code).toBe(0);
    expect(out).toContain('full: 12 disables\n');
    expect(out).toMatch(/1h.*disable.*o-1.*uid=jdoe.*50 accounts/);
    expect(out).toContain('… and 11 more');
    expect(out).not.toContain('empty');
  });

  it('says so where nothing is held', async () => {
    expect((await provisor('holds', 'empty')).out).toBe('Nothing is held.\n');
  });

  it('shows what an approval would send, and sends nothing', async () => {
    const { out } = await provisor(
      'approve',
      'full',
      '--dry-run',
      '--kind',
      'disable',
      '--object',
      'o-1',
      '--object',
      'o-2',
    );
    expect(out).toMatch(/^12 disables would be sent/);
    expect(out).toContain('Nothing was done.');
    expect(asked.map(({ method }) => method)).toEqual(['GET']);
    const { searchParams } = new URL(asked[0]?.url ?? '', 'http://x');
    expect(searchParams.getAll('objectId')).toEqual(['o-1', 'o-2']);
    expect(searchParams.get('kind')).toBe('disable');
  });

  it('decides about several, about a group, or about all', async () => {
    await provisor('approve', 'full', '--object', 'o-1', '--object', 'o-2');
    expect(asked.at(-1)).toMatchObject({ url: '/v1/sp-connections/full/approve', body: { objectIds: ['o-1', 'o-2'] } });
    await provisor('reject', 'full', '--kind', 'remove-member', '--group', 'g-1');
    expect(asked.at(-1)).toMatchObject({
      url: '/v1/sp-connections/full/reject',
      body: { kinds: ['remove-member'], groupId: 'g-1' },
    });
    const { out } = await provisor('approve', 'full', '--all');
    expect(asked.at(-1)?.body).toEqual({});
    expect(out).toBe('full: 12 disables will be sent.\n');
  });

  it('refuses to combine all with less, and kinds that do not exist', async () => {
    expect((await provisor('approve', 'full', '--all', '--object', 'o-1')).code).toBe(2);
    expect((await provisor('approve', 'full', '--kind', 'other')).code).toBe(2);
    expect(asked).toEqual([]);
  });
});
