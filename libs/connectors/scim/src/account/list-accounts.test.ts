import { describe, expect, test } from 'vitest';
import { outcomeOf, type ScimCode } from '../codes.js';
import { SCIM_2_0 } from '../profile/defaults.js';
import type { ReadSession, Reply } from '../scim-session.js';
import { listAccounts, nextPosition, type ListPosition, type PageFacts } from './list-accounts.js';

const start: ListPosition = { startIndex: 1, seen: 0, page: 0, last: [] };
const ids = (from: number, count: number) => Array.from({ length: count }, (_, at) => `id-${from + at}`);
const paging = { ...SCIM_2_0.paging, maxPage: 10 };
const facts = (more: Partial<PageFacts>): PageFacts => ({
  ids: [],
  fresh: more.ids?.length ?? 0,
  total: undefined,
  next: undefined,
  paging,
  ...more,
});

/** Lists everything from a server given as a function, as the connector does; stops after 50 pages. */
function listAll(server: (startIndex: number) => { ids: string[]; total?: number }): string[] {
  const seen: string[] = [];
  let at: ListPosition | undefined = start;
  for (let page = 0; at !== undefined && page < 50; page += 1) {
    const answer = server(at.startIndex);
    const last: ListPosition = at;
    const fresh = answer.ids.filter((id) => !last.last.includes(id));
    seen.push(...fresh);
    at = nextPosition(at, facts({ ids: answer.ids, fresh: fresh.length, total: answer.total }));
  }
  return seen;
}
const all = ids(1, 25);

describe('by index', () => {
  test.each([
    ['an honest server', (from: number) => ({ ids: all.slice(from - 1, from + 9), total: 25 })],
    ['a server that caps silently', (from: number) => ({ ids: all.slice(from - 1, from + 2), total: 25 })],
    ['a server without totalResults', (from: number) => ({ ids: all.slice(from - 1, from + 9) })],
    [
      'a server whose totalResults is the size of the page',
      (from: number) => ({ ids: all.slice(from - 1, from + 9), total: 10 }),
    ],
    [
      'a server that repeats its last page past the end',
      (from: number) => ({ ids: from > 25 ? all.slice(20) : all.slice(from - 1, from + 9) }),
    ],
  ])('%s is listed once', (name, server) => {
    const seen = listAll(server);
    // A total that lies on the second page too ends the listing early: the caller sees fewer than it knows of.
    const expected = name.includes('size of the page') ? all.slice(0, seen.length) : all;
    expect(seen).toEqual(expected);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThan(10);
  });

  test('a server that ignores paging is listed once', () => {
    expect(listAll(() => ({ ids: all }))).toEqual(all);
    expect(listAll(() => ({ ids: all, total: 25 }))).toEqual(all);
  });

  test('a server that is empty ends at once', () => {
    expect(nextPosition(start, facts({ total: 0 }))).toBeUndefined();
    expect(nextPosition(start, facts({ total: 50 }))).toBeUndefined();
  });

  test('advances by what was answered', () => {
    expect(nextPosition(start, facts({ ids: ids(1, 3), total: 25 }))).toMatchObject({
      startIndex: 4,
      seen: 3,
      page: 1,
    });
  });
});

describe('by cursor (RFC 9865)', () => {
  const cursor = { ...paging, mode: 'cursor' as const };
  test('goes on as long as there is a next one', () => {
    expect(nextPosition(start, facts({ ids: ids(1, 10), next: 'abc', paging: cursor }))).toMatchObject({ next: 'abc' });
    expect(
      nextPosition({ ...start, next: 'abc', page: 1 }, facts({ ids: ids(11, 3), paging: cursor })),
    ).toBeUndefined();
  });

  test('a cursor that comes unasked is followed', () => {
    const next = nextPosition(start, facts({ ids: ids(1, 10), next: 'abc', total: 10 }));
    expect(next).toMatchObject({ next: 'abc' });
    expect(nextPosition(next ?? start, facts({ ids: ids(11, 10) }))).toBeUndefined();
  });

  test('a cursor that leads to the same page again ends the listing', () => {
    expect(
      nextPosition(
        { ...start, next: 'abc', page: 1 },
        facts({ ids: ids(1, 10), fresh: 0, next: 'abc', paging: cursor }),
      ),
    ).toBeUndefined();
  });
});

describe('groups with their members', () => {
  const context = { signal: new AbortController().signal, acquire: async () => undefined };
  const refusal = (code: ScimCode, scimType?: string): Reply => ({
    ok: false,
    classified: { outcome: outcomeOf(code, { cause: `HTTP 400 ${scimType}` }), ...(scimType && { scimType }) },
  });
  const groups = Array.from({ length: 10 }, (_, at) => ({
    id: `g-${at}`,
    displayName: `g-${at}`,
    ...(at === 0 ? {} : { members: [{ value: `m-${at}` }] }),
  }));

  /**
   * A target whose answer is too large with the members of more than four groups, or with those of the largest one. `refuses`: what it
   * says to another question for a cursor than the first one.
   */
  function target(o: { mode: 'index' | 'cursor'; largest?: string; refuses?: string }) {
    const asked: string[] = [];
    const session: ReadSession = {
      profile: async () => ({ ...SCIM_2_0, paging: { mode: o.mode, maxPage: 8 } }),
      send: async ({ query = {} }) => {
        const count = Number(query.count);
        const without = query.excludedAttributes === 'members';
        const question = `${count}${without ? ' without' : ''}`;
        const [at = '', first = question] = (query.cursor || '0').split(':');
        const from = o.mode === 'index' ? Number(query.startIndex) - 1 : Number(at);
        asked.push(`${from + 1}+${question}`);
        if (o.refuses !== undefined && first !== question) return refusal('scim.cursor-expired', o.refuses);
        const page = groups.slice(from, from + count);
        if (!without && (page.length > 4 || page.some(({ id }) => id === o.largest)))
          return refusal('http.answer-too-large');
        const Resources = without ? page.map(({ id, displayName }) => ({ id, displayName })) : page;
        const next = o.mode === 'cursor' && from + count < groups.length;
        const json = {
          totalResults: groups.length,
          Resources,
          ...(next && { nextCursor: `${from + count}:${question}` }),
        };
        return { ok: true, answer: { status: 200, headers: {}, text: '', json } };
      },
    };
    return { session, asked };
  }

  /** Everything that is listed until the end, or until a page fails. */
  async function listGroups(session: ReadSession) {
    const seen: unknown[] = [];
    for (let cursor: string | undefined; ;) {
      const request = { objectType: 'group', members: true, ...(cursor === undefined ? {} : { cursor }) } as const;
      const answer = await listAccounts(session, request, context);
      if (answer.kind !== 'page') return { seen, kind: answer.kind, failed: answer.outcome };
      seen.push(...answer.accounts.map(({ targetId, members }) => [targetId, members]));
      cursor = answer.cursor;
      if (cursor === undefined) return { seen };
    }
  }
  const shown = (largest?: string) =>
    groups.map(({ id, members }) => [id, id === largest ? 'unread' : members?.map(({ value }) => value)]);

  test.each(['index', 'cursor'] as const)(
    'come in smaller pages where they are too large, and the largest of all without members, by %s',
    async (mode) => {
      const { session, asked } = target({ mode, largest: 'g-5' });
      expect(await listGroups(session)).toEqual({ seen: shown('g-5') });
      expect(asked.filter((one) => one.endsWith('without'))).toEqual(['6+1 without']);
      // The groups after it come in larger pages again.
      expect(asked.at(-1)).toBe('9+4');
    },
  );

  test('come in pages of one size where the target wants the first question for its cursor', async () => {
    const { session, asked } = target({ mode: 'cursor', refuses: 'invalidCount' });
    expect(await listGroups(session)).toEqual({ seen: shown() });
    expect(asked).toEqual(['1+8', '1+4', '5+4', '9+4']);
  });

  test.each(['invalidCount', 'invalidCursor'])(
    'are given up with what is to be done where a later page is too large and the target says %s to a smaller one',
    async (refuses) => {
      const { session } = target({ mode: 'cursor', largest: 'g-5', refuses });
      const { seen, failed } = await listGroups(session);
      expect(seen).toEqual(shown().slice(0, 4));
      expect(failed).toMatchObject({ kind: 'rejected', code: 'http.answer-too-large' });
      expect(failed?.cause).toContain(refuses);
      expect(failed?.cause).toContain('paging.maxPage');
    },
  );

  test('are to be listed anew where the cursor has only become too old', async () => {
    const { session } = target({ mode: 'cursor', largest: 'g-5', refuses: 'expiredCursor' });
    expect(await listGroups(session)).toMatchObject({ kind: 'expired', failed: { code: 'scim.cursor-expired' } });
  });

  test('are to be listed anew also where it is the first page that is called too old', async () => {
    const session: ReadSession = {
      profile: async () => ({ ...SCIM_2_0, paging: { mode: 'cursor', maxPage: 8 } }),
      send: async () => refusal('scim.cursor-expired', 'expiredCursor'),
    };
    expect(await listGroups(session)).toMatchObject({ kind: 'expired', failed: { code: 'scim.cursor-expired' } });
  });
});
