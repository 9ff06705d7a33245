import { spConnection } from '@provisor/contracts';
import type { EdgeStatus, ObjectStatus, TargetObject } from '@provisor/persistence';
import { describe, expect, it } from 'vitest';
import type { Outlook } from '../engine/outlook.js';
import { planOf, waitsOf } from './explain-object.js';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const object: TargetObject = {
  spConnection: 'my-sp',
  objectId: 'o-1',
  dataStore: 'corp-ldap',
  objectType: 'user',
  channel: 'staff',
  label: null,
  lane: 'delta',
  version: { sequence: 1, config: 1 },
  desired: { presence: 'active', attributes: { userName: 'o-1', title: 'Dr' } },
  createOnly: [],
  masked: [],
  reason: 'attribute-changed',
  traceparent: null,
  state: 'pending',
  createIntended: false,
  holdReleased: false,
  applied: null,
  targetId: null,
  targetVersion: null,
  removedVersion: null,
  attempt: 0,
  failures: 0,
  firstAttemptAt: null,
  nextAttemptAt: NOW,
  lastOutcome: null,
  occurredAt: NOW,
  mappedAt: NOW,
};
const status = (o: Partial<TargetObject> = {}, more: Partial<ObjectStatus> = {}): ObjectStatus => ({
  object: { ...object, ...o },
  desiredAt: new Date(NOW),
  appliedAt: null,
  hold: null,
  edges: [],
  ...more,
});
const { policy } = spConnection.parse({
  apiVersion: 'provisor/v1',
  kind: 'SpConnection',
  metadata: { name: 'my-sp' },
  spec: {
    target: { type: 'scim', baseUrl: 'https://scim.example/v2', auth: { type: 'bearer', token: { env: 'TOKEN' } } },
    channels: [{ name: 'staff', dataStore: 'corp-ldap' }],
  },
}).spec;
const outlook: Outlook = {
  policy,
  throttledUntil: undefined,
  queued: { leaver: 0, interactive: 0, delta: 7, bulk: 0 },
  listing: false,
};
const edge: EdgeStatus = {
  memberId: 'o-1',
  kind: 'member',
  otherId: 'g-1',
  desired: true,
  applied: false,
  attempt: 0,
  nextAttemptAt: new Date(NOW),
  code: null,
  cause: null,
  bothLinked: false,
  afterAccount: false,
};
const kinds = (given: ObjectStatus, at: Partial<Parameters<typeof waitsOf>[1]> = {}) =>
  waitsOf(given, { block: undefined, outlook, now: NOW, ...at }).map(({ kind }) => kind);

describe('waitsOf', () => {
  it('names everything that stands in the way, the most decisive first, with its end where it is known', () => {
    const given = status(
      { nextAttemptAt: NOW + 5_000 },
      { edges: [edge, { ...edge, otherId: 'g-2', bothLinked: true }] },
    );
    const at = {
      block: { kind: 'breaker-open', until: NOW + 1_000 } as const,
      outlook: { ...outlook, throttledUntil: NOW + 2_000 },
      now: NOW,
    };
    expect(waitsOf(given, at).map(({ kind, until }) => [kind, until])).toEqual([
      ['breaker-open', '2026-01-01T00:00:01.000Z'],
      ['next-attempt', '2026-01-01T00:00:05.000Z'],
      ['throttled', '2026-01-01T00:00:02.000Z'],
      ['other-end', undefined],
      ['edges', undefined],
    ]);
  });

  it('says that memberships of whoever leaves follow the account', () => {
    const leaving = { ...edge, desired: false, applied: true, bothLinked: true, afterAccount: true };
    expect(
      waitsOf(status({ state: 'held' }, { edges: [leaving] }), { block: undefined, outlook, now: NOW })[1]?.what,
    ).toBe('the removal of the account, which 1 memberships or references follow');
  });

  it('tells lane, listing, owner, hold and person apart', () => {
    expect(kinds(status())).toEqual(['lane']);
    expect(waitsOf(status(), { block: undefined, outlook, now: NOW })[0]?.what).toContain(
      'lane delta, where 7 are queued',
    );
    expect(kinds(status({ lane: 'bulk' }), { outlook: { ...outlook, listing: true } })).toEqual(['listing']);
    expect(kinds(status(), { outlook: undefined })).toEqual(['owner']);
    expect(kinds(status({ state: 'held' }))).toEqual(['hold']);
    expect(kinds(status({ state: 'failed' }))).toEqual(['person']);
    expect(kinds(status({ state: 'done' }))).toEqual([]);
  });
});

describe('planOf', () => {
  it('tells the next step by the names of attributes, without their values', () => {
    const linked = {
      targetId: 't-1',
      applied: { presence: 'active', attributes: { userName: 'o-1', nick: 'x' } },
    } as const;
    expect(planOf(status(linked), outlook)).toMatchObject({ kind: 'update', set: ['title'], clear: ['nick'] });
    expect(planOf(status(), outlook)).toMatchObject({ kind: 'match' });
    expect(planOf(status({ ...linked, desired: { presence: 'disabled' } }), outlook)?.what).toContain('Disable');
    expect(planOf(status(), undefined)).toBeUndefined();
  });
});
