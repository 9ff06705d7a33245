import { describe, expect, test } from 'vitest';
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
  const refused: Reply = {
    ok: false,
    classified: {
      outcome: { kind: 'retryable', code: 'http.answer-too-large', cause: 'The answer is larger than it may be.' },
    },
  };
  const groups = Array.from({ length: 10 }, (_, at) => ({
    id: `g-${at}`,
    displayName: `g-${at}`,
    ...(at === 0 ? {} : { members: [{ value: `m-${at}` }] }),
  }));

  /** A target whose answer is too large with the members of more than four groups, or with those of the sixth one. */
  function target(mode: 'index' | 'cursor' = 'index') {
    const asked: string[] = [];
    const session: ReadSession = {
      profile: async () => ({ ...SCIM_2_0, paging: { mode, maxPage: 8 } }),
      send: async ({ query = {} }) => {
        const [from, count] = [Number(query.startIndex ?? 1) - 1, Number(query.count)];
        const without = query.excludedAttributes === 'members';
        asked.push(`${from + 1}+${count}${without ? ' without' : ''}`);
        const page = groups.slice(from, from + count);
        if (!without && (page.length > 4 || page.some(({ id }) => id === 'g-5'))) return refused;
        const Resources = without ? page.map(({ id, displayName }) => ({ id, displayName })) : page;
        const json = { totalResults: groups.length, Resources };
        return { ok: true, answer: { status: 200, headers: {}, text: '', json } };
      },
    };
    return { session, asked };
  }

  test('come in smaller pages where they are too large, and the largest of all without members', async () => {
    const { session, asked } = target();
    const seen: unknown[] = [];
    for (let cursor: string | undefined = undefined, more = true; more;) {
      const answer = await listAccounts(
        session,
        { objectType: 'group', members: true, ...(cursor === undefined ? {} : { cursor }) },
        context,
      );
      if (answer.kind === 'failed') throw new Error(answer.outcome.code);
      seen.push(...answer.accounts.map(({ targetId, members }) => [targetId, members]));
      cursor = answer.cursor;
      more = cursor !== undefined;
    }
    expect(seen).toEqual(
      groups.map(({ id, members }) => [id, id === 'g-5' ? 'unread' : members?.map(({ value }) => value)]),
    );
    expect(asked).toContain('6+1 without');
    expect(asked.filter((one) => one.endsWith('without'))).toHaveLength(1);
  });

  test('are refused as a whole where only the first question counts', async () => {
    const { session } = target('cursor');
    expect(await listAccounts(session, { objectType: 'group', members: true }, context)).toMatchObject({
      kind: 'failed',
      outcome: { code: 'http.answer-too-large' },
    });
  });
});
