import { describe, expect, it } from 'vitest';
import { runAgainst, type Answers } from '../answers.fixture.js';

const AT = '2026-01-01T00:00:00.000Z';
const OBJECT = {
  spConnection: 'my-sp',
  objectId: 'o-1',
  objectType: 'user',
  label: 'uid=jdoe',
  state: 'done',
  version: { sequence: 1, config: 1 },
  lane: 'delta',
  reason: 'attribute-changed',
  desired: { presence: 'active', attributes: {} },
  attempts: 1,
  lastOutcome: { kind: 'applied', code: 'scim.ok', at: AT },
  waits: [],
  occurredAt: AT,
  desiredAt: AT,
  edges: [],
};
const STATUS = {
  name: 'my-sp',
  state: 'active',
  counts: { desired: 9, applied: 6, pending: 0, failed: 3, held: 0 },
  failures: [{ objects: 3, outcome: 'rejected', code: 'scim.invalid', example: 'uid=jdoe: no mail' }],
};
const RUN = {
  id: 'c-1',
  spConnection: 'my-sp',
  objectId: null,
  scheduled: false,
  repair: false,
  requestedBy: 'somebody',
  requestedAt: AT,
  startedAt: null,
  finishedAt: null,
  state: 'waiting',
  cause: null,
  progress: { objectType: null, listed: 0, total: null },
  counts: {},
  samples: [],
  requests: 0,
};

/** An installation with one SP connection and one object, with what is different about it. */
const installation = (
  o: { status?: object; object?: object; after?: object; stores?: readonly object[]; holds?: number } = {},
): Answers => {
  let asked = 0;
  return ({ path }) => {
    if (path === '/v1/sp-connections/my-sp/status') return { ...STATUS, ...o.status };
    if (path === '/v1/sp-connections/my-sp/objects/o-1')
      return (asked += 1) === 1 ? { ...OBJECT, ...o.object } : { ...OBJECT, ...o.after };
    if (path === '/v1/sp-connections/my-sp/reconciliations') return { reconciliations: [RUN] };
    if (path === '/v1/sp-connections/my-sp/holds')
      return {
        spConnection: 'my-sp',
        total: o.holds ?? 0,
        counts: { delete: o.holds ?? 0, disable: 0, blank: 0, 'remove-member': 0 },
        oldestSince: null,
        holds: [],
      };
    if (path === '/v1/objects')
      return { objects: [{ spConnection: 'my-sp', objectId: 'o-1', label: 'uid=jdoe', objectType: 'user' }] };
    if (path === '/v1/status')
      return { at: AT, spConnections: [], dataStores: o.stores ?? [], deadLetters: 0, problems: [] };
    if (path === '/v1/dead-letter-replays') return { dryRun: false, replayed: [], skipped: [], more: false };
    return undefined;
  };
};

describe('approve and reject', () => {
  it('say how much they decide, and do nothing where nothing fits', async () => {
    const some = await runAgainst(installation({ holds: 12 }), ['approve', 'my-sp']);
    expect(some).toMatchObject({ code: 0, out: 'my-sp: 12 deletions will be sent.\n' });
    expect(some.done).toHaveLength(1);
    const none = await runAgainst(installation(), ['reject', 'my-sp', '--object', 'o-9']);
    expect(none.out).toBe('Nothing of my-sp is held that fits. Nothing was done.\n');
    expect(none.done).toEqual([]);
  });

  it('are about what "holds list" and "holds" alike show', async () => {
    for (const args of [
      ['holds', 'list', 'my-sp'],
      ['holds', 'my-sp'],
    ])
      expect(await runAgainst(installation(), args)).toMatchObject({ code: 0, out: 'Nothing is held.\n' });
  });
});

describe('retry', () => {
  it('tells what it tries again, and dry what it would', async () => {
    const dry = await runAgainst(installation(), ['retry', 'my-sp', '--dry-run']);
    expect(dry.out).toMatch(/^3 failed objects would be tried again\.\nOBJECTS .*\n +3 .*scim\.invalid/);
    expect(dry.done).toEqual([]);
    const all = await runAgainst(installation(), ['retry', 'my-sp']);
    expect(all).toMatchObject({ code: 0, out: 'my-sp tries 3 failed objects again.\n', done: [{ body: {} }] });
  });

  it('finds one object by its name, and does nothing for one that nobody knows', async () => {
    const done = await runAgainst(installation(), ['retry', 'my-sp', '--object', 'jdoe']);
    expect(done).toMatchObject({ code: 0, done: [] });
    expect(done.out).toContain('uid=jdoe has not failed, it is done; nothing was done.');
    const failed = installation({ object: { state: 'failed' } });
    const one = await runAgainst(failed, ['retry', 'my-sp', '--object', 'jdoe']);
    expect(one).toMatchObject({
      code: 0,
      out: 'my-sp tries uid=jdoe again.\n',
      done: [{ body: { objectId: 'o-1' } }],
    });
    const none = await runAgainst(
      ({ path }) => (path === '/v1/objects' ? { objects: [] } : undefined),
      ['retry', 'my-sp', '--object', 'nobody'],
    );
    expect(none).toMatchObject({ code: 1, done: [] });
  });
});

describe('provision-now', () => {
  it.each(['paused', 'quarantined', 'hold'])('answers at once where the object is %s', async (kind) => {
    const after = { state: 'pending', waits: [{ kind, what: 'somebody' }] };
    const { code, out, asked } = await runAgainst(installation({ after }), ['provision-now', 'my-sp', 'jdoe']);
    // One look before, one after: there is no use in waiting.
    expect(asked.filter(({ path }) => path.endsWith('/objects/o-1'))).toHaveLength(2);
    expect(code).toBe(1);
    expect(out).toContain('waits for  somebody\n');
  });
});

describe('quarantine release', () => {
  it('does nothing where there is no quarantine', async () => {
    const none = await runAgainst(installation(), ['quarantine', 'release', 'my-sp']);
    expect(none).toMatchObject({
      code: 0,
      out: 'my-sp is not in quarantine, but active; nothing was done.\n',
      done: [],
    });
    const one = await runAgainst(installation({ status: { state: 'quarantined' } }), [
      'quarantine',
      'release',
      'my-sp',
    ]);
    expect(one.done).toHaveLength(1);
  });
});

describe('accept', () => {
  it('shows dry what there is to accept', async () => {
    const suspect = [{ name: 'corp', type: 'ldap', configVersion: 1, state: 'suspect', reason: '63 deletions' }];
    const dry = await runAgainst(installation({ stores: suspect }), ['accept', 'corp', '--dry-run']);
    expect(dry).toMatchObject({ code: 0, done: [] });
    expect(dry.out).toContain('corp is suspect: 63 deletions');
    expect(await runAgainst(installation(), ['accept', 'corp', '--dry-run'])).toMatchObject({
      code: 1,
      err: 'There is no data store "corp".\n',
    });
  });
});

describe('reconcile --watch', () => {
  it('says what keeps a run waiting, and leaves it alone when somebody has seen enough', async () => {
    const interrupt = AbortSignal.timeout(300);
    const answers = installation({ status: { state: 'quarantined', reason: 'HTTP 401' } });
    const ran = await runAgainst(answers, ['reconcile', 'my-sp', '--watch'], { interrupt });
    expect(ran.err).toContain('waits for its turn, while my-sp is quarantined: HTTP 401\n');
    expect(ran.err).toContain('It goes on; see provisor reconciliations my-sp.\n');
    expect(ran.code).toBe(0);
  });
});

describe('dead-letters', () => {
  it('say that there are none', async () => {
    const none = await runAgainst(installation(), ['dead-letters', 'replay', '--all']);
    expect(none).toMatchObject({ code: 0, out: 'There are no such dead letters that are open.\n' });
    expect((await runAgainst(installation(), ['dead-letters', 'list', '--state', 'closed'])).code).toBe(2);
  });
});

describe('dead-letters list', () => {
  it('shows the first mistake with its place', async () => {
    const letter = {
      id: 'provisioning.commands.scim.v1/0/1',
      stage: 'dispatch',
      cause: {
        code: 'record.schema',
        message: '✖ Invalid input: expected string\n  → at channel\n✖ More\n  → at lane',
      },
      failedAt: AT,
    };
    const { out } = await runAgainst(() => ({ deadLetters: [letter] }), ['dead-letters', 'list']);
    expect(out).toContain('record.schema  Invalid input: expected string → at channel\n');
  });
});

describe('results --since', () => {
  it('takes a duration as well', async () => {
    let since = '';
    const answers: Answers = ({ query }) => {
      since = query.get('since') ?? '';
      return { results: [] };
    };
    expect((await runAgainst(answers, ['results', '--since', '2h'])).code).toBe(0);
    expect(Math.abs(Date.now() - 7_200_000 - Date.parse(since))).toBeLessThan(10_000);
    expect((await runAgainst(answers, ['results', '--since', 'yesterday'])).code).toBe(2);
  });
});
