import { spConnection } from '@provisor/contracts';
import { describe, expect, it } from 'vitest';
import { exampleDocument } from '../example/example.js';
import { applyIntent } from './apply-intent.js';
import { plan } from './plan.js';
import { contradicted, judgeReadBack } from './read-back.js';
import type { TargetObjectState } from './target-object-state.js';

const { policy } = spConnection.parse(exampleDocument({})).spec;

const state = (presence: 'disabled' | 'absent'): TargetObjectState => ({
  objectType: 'user',
  objectId: 'ada',
  desired: { presence },
  createOnly: [],
  masked: [],
  version: { sequence: 2, config: 1 },
  link: { targetId: 't-1' },
  applied: { presence: 'active', attributes: { userName: 'ada' } },
  createIntended: false,
  removed: false,
});

describe('reading back', () => {
  it('believes an account that is gone or not active any more, and no other', () => {
    expect(judgeReadBack({ kind: 'absent', httpStatus: 404 }, 5)).toEqual({
      verdict: 'confirmed',
      found: 'absent',
      httpStatus: 404,
      at: 5,
    });
    expect(judgeReadBack({ kind: 'inactive' }, 5).verdict).toBe('confirmed');
    expect(judgeReadBack({ kind: 'active' }, 5).verdict).toBe('contradicted');
    expect(judgeReadBack({ kind: 'unreadable', cause: 'HTTP 403' }, 5).verdict).toBe('unreadable');
  });

  it('leads to the same removal again when the target contradicts it', () => {
    for (const presence of ['disabled', 'absent'] as const) {
      const before = state(presence);
      const intent = plan(before, policy);
      expect(intent.kind).toBe('remove');
      const after = applyIntent(before, intent, contradicted(intent), 0);
      // Where it can be seen that it has taken effect after all, that is looked at first.
      expect(plan(after, policy, { read: true })).toEqual(intent);
    }
  });
});
