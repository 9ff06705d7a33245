import { describe, expect, it } from 'vitest';
import { httpCaptureSource } from './capture-source.js';
import { HttpStatusSource } from './http-status-source.js';
import { replicasOf, type Lookup } from './replicas.js';

const addresses =
  (...all: readonly string[]): Lookup =>
  async () =>
    all.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

const ONE = 'http://10.0.0.1:3000/';
const OTHER = 'http://10.0.0.2:3000/';
const both = async () => [ONE, OTHER];

/** Answers by host; hosts without an answer are away. */
const answering = (answers: Readonly<Record<string, unknown>>): typeof fetch =>
  (async (input: URL) => {
    const answer = answers[`${input.origin}/`];
    if (answer === undefined) throw new TypeError('fetch failed');
    return Response.json(answer);
  }) as typeof fetch;

describe('the replicas behind a URL', () => {
  it('are all addresses of its host', async () => {
    expect(await replicasOf('http://dispatcher:3000', addresses('10.0.0.1', '10.0.0.2'))).toEqual([ONE, OTHER]);
    expect(await replicasOf('http://dispatcher:3000', addresses('fd00::1', 'fd00::2'))).toEqual([
      'http://[fd00::1]:3000/',
      'http://[fd00::2]:3000/',
    ]);
  });

  it('are the URL itself with one address, whatever families it has, without one, and with https', async () => {
    const url = 'http://dispatcher:3000';
    expect(await replicasOf(url, addresses('::1', '127.0.0.1'))).toEqual([url]);
    expect(await replicasOf(url, async () => Promise.reject(new Error('ENOTFOUND')))).toEqual([url]);
    expect(await replicasOf('https://dispatcher', addresses('10.0.0.1', '10.0.0.2'))).toEqual(['https://dispatcher']);
  });
});

describe('the state of a data store', () => {
  const report = (state: string) => ({ details: { dataStores: { corp: { state } } } });
  const stateAmong = async (answers: Readonly<Record<string, unknown>>) => {
    const source = httpCaptureSource('http://change-capture:3000', { fetch: answering(answers), replicasOf: both });
    const { states, silent } = await source.dataStores();
    return { state: states.get('corp')?.state, silent };
  };

  it('is that of the replica that captures it, whichever answers first', async () => {
    expect((await stateAmong({ [ONE]: report('standby'), [OTHER]: report('live') })).state).toBe('live');
    expect((await stateAmong({ [ONE]: report('suspect'), [OTHER]: report('standby') })).state).toBe('suspect');
  });

  it('is unknown only when no replica answers', async () => {
    expect(await stateAmong({ [OTHER]: report('live') })).toEqual({ state: 'live', silent: undefined });
    expect((await stateAmong({})).silent).toBe('Change capture at change-capture:3000 does not answer.');
  });
});

it('the state of an SP connection says what stops it, whichever replica works on it', async () => {
  const counts = { desired: 1, applied: 0, pending: 1, failed: 0, held: 0 };
  const state = (block: object | null) => ({ spConnections: [{ name: 'slack', counts, block }] });
  const fetch = answering({ [ONE]: state(null), [OTHER]: state({ kind: 'breaker-open' }) });
  const source = new HttpStatusSource({ urls: ['http://dispatcher:3000'], token: 't', fetch, replicasOf: both });
  expect((await source.connections()).states.get('slack')?.block).toEqual({ kind: 'breaker-open' });
});
