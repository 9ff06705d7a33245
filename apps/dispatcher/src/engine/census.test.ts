import { describe, expect, it } from 'vitest';
import type { CallContext, FoundAccountWithKeys, ListAnswer } from '@provisor/provisioning';
import { Census } from './census.js';

const context: CallContext = { signal: new AbortController().signal, acquire: async () => undefined };
const account = (targetId: string, ...matchKeys: string[]): FoundAccountWithKeys => ({
  targetId,
  active: true,
  attributes: {},
  matchKeys,
});
const request = (objectId: string) => ({ objectType: 'user' as const, objectId, attributes: {} });

function censusOf(pages: readonly (readonly FoundAccountWithKeys[] | 'failed')[], now = () => 0) {
  return new Census({
    objectType: 'user',
    paths: [],
    now,
    connector: {
      matchKeysOf: ({ objectId }) => [`external:${objectId}`, `name:${objectId}`],
      list: async ({ cursor }): Promise<ListAnswer> => {
        const index = Number(cursor ?? 0);
        const page = pages[index];
        if (page === undefined || page === 'failed')
          return { kind: 'failed', outcome: { kind: 'retryable', code: 'http.500' } };
        return { kind: 'page', accounts: page, ...(index + 1 < pages.length ? { cursor: String(index + 1) } : {}) };
      },
    },
  });
}

describe('Census', () => {
  it('tells who is there and who is not, over all pages', async () => {
    const census = censusOf([[account('1', 'external:a')], [account('2', 'name:b')]]);
    expect(census.find(request('a'))).toBeUndefined();
    expect(await census.take(context)).toEqual({ complete: true });
    expect(census.find(request('a'))).toMatchObject({ kind: 'found', account: { targetId: '1' } });
    expect(census.find(request('b'))).toMatchObject({ kind: 'found', account: { targetId: '2' } });
    expect(census.find(request('c'))).toEqual({ kind: 'none' });
  });

  it('proves nothing when a page fails', async () => {
    const census = censusOf([[account('1', 'external:a')], 'failed']);
    expect(await census.take(context)).toEqual({ complete: false, outcome: { kind: 'retryable', code: 'http.500' } });
    expect(census.find(request('c'))).toBeUndefined();
    expect(census.worthwhile).toBe(false);
  });

  it('leaves accounts that share a key to a look-up', async () => {
    const census = censusOf([[account('1', 'name:a'), account('2', 'name:a')]]);
    await census.take(context);
    expect(census.find(request('a'))).toBeUndefined();
  });

  it('is not believed for ever, and not after the load', async () => {
    let now = 0;
    const census = censusOf([[]], () => now);
    await census.take(context);
    expect(census.find(request('a'))).toEqual({ kind: 'none' });
    now = 16 * 60_000;
    expect(census.find(request('a'))).toBeUndefined();
    now = 0;
    census.forget();
    expect(census.find(request('a'))).toBeUndefined();
  });
});
