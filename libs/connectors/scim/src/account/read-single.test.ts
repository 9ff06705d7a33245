import { describe, expect, test } from 'vitest';
import { outcomeOf } from '../codes.js';
import { SCIM_2_0 } from '../profile/defaults.js';
import type { ReadSession } from '../scim-session.js';
import { readSingle } from './read-single.js';

const context = { signal: new AbortController().signal, acquire: async () => undefined };
const request = { objectType: 'group' as const, objectId: 'g', targetId: 'g-1', paths: [], references: [] };

/** A target with one group; `large`: of so many members that no answer holds them. */
function target(large: boolean) {
  const asked: string[] = [];
  const session: ReadSession = {
    profile: async () => SCIM_2_0,
    send: async ({ query = {} }) => {
      const without = query.excludedAttributes === 'members';
      asked.push(without ? 'without' : 'with');
      if (large && !without) return { ok: false, classified: { outcome: outcomeOf('http.answer-too-large') } };
      const json = {
        id: 'g-1',
        displayName: 'G',
        ...(without ? {} : { members: [{ value: 'm-1' }, { value: 'm-2' }] }),
      };
      return { ok: true, answer: { status: 200, headers: {}, text: '', json } };
    },
  };
  return { session, asked };
}

describe('a single group', () => {
  test('comes with its members only where they are asked for', async () => {
    const { session, asked } = target(false);
    const read = async (members: boolean) => readSingle(session, { ...request, members }, context);
    expect(await read(true)).toMatchObject({ kind: 'found', account: { targetId: 'g-1', members: ['m-1', 'm-2'] } });
    const without = await read(false);
    expect(without.kind === 'found' ? without.account : {}).not.toHaveProperty('members');
    expect(asked).toEqual(['with', 'without']);
  });

  test('comes without them where they are too many for one answer', async () => {
    const { session, asked } = target(true);
    const answer = await readSingle(session, { ...request, members: true }, context);
    expect(answer).toMatchObject({ kind: 'found', account: { targetId: 'g-1', members: 'unread' } });
    expect(asked).toEqual(['with', 'without']);
  });
});
