import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { run } from '../program.js';
import type { Terminal } from '../terminal.js';

const STATUS = {
  name: 'my-sp',
  state: 'active',
  counts: { desired: 9, applied: 7, pending: 1, failed: 1, held: 0 },
  oldestPendingAgeMs: 100,
};
const ACCOUNTING = {
  accepted: 12,
  succeeded: 8,
  failed: 1,
  dead: 0,
  superseded: 2,
  skipped: 0,
  held: 0,
  pending: 1,
  difference: 0,
};

/** What `provisor status my-sp` prints when the admin API answers this. */
async function statusOf(answer: unknown): Promise<string> {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  let out = '';
  const terminal: Terminal = {
    out: (text) => void (out += text),
    err: (text) => void (out += text),
    env: { PROVISOR_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, PROVISOR_TOKEN: 'secret' },
    cwd: '/',
    interactive: false,
    interrupted: new AbortController().signal,
    readInput: async () => '',
  };
  try {
    expect(await run(['status', 'my-sp'], terminal)).toBe(0);
    return out;
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

it('shows the accounts of an SP connection as an equation', async () => {
  const out = await statusOf({ ...STATUS, accounting: ACCOUNTING });
  expect(out).toContain(
    '  12 accepted = 8 succeeded + 1 failed + 0 dead + 2 superseded + 0 skipped + 0 held + 1 pending\n',
  );
  expect(out).not.toContain('not accounted for');
});

it('says so where the equation does not close, and nothing where nobody knows', async () => {
  expect(await statusOf({ ...STATUS, accounting: { ...ACCOUNTING, accepted: 14, difference: 2 } })).toContain(
    '2 versions are not accounted for.',
  );
  expect(await statusOf(STATUS)).not.toContain('accepted');
});
