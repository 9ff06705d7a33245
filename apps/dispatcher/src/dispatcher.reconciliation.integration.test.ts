import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, Installation, type Dispatcher } from './dispatcher.fixture.js';
import { Reconciliations } from './reconciliation.fixture.js';

const PEOPLE = 2_000;
const PAGE = 100;
const user = (id: string) => ({
  presence: 'active' as const,
  attributes: { userName: id, displayName: `User ${id}` },
});
const idOf = (n: number) => `p${String(n).padStart(4, '0')}`;
/** Which people differ, and how. */
const RENAMED = [3, 404, 1_990];
const BLANKED = [7, 1_200];
const DISABLED = [11, 900];
const DELETED = [20, 24, 1_500, 1_996];
const STRANGERS = ['stranger-1', 'stranger-2', 'stranger-3'];
const DRIFTED = RENAMED.length + BLANKED.length + DISABLED.length;

describe('reconciliation', () => {
  let on: Installation;
  let dispatcher: Dispatcher;
  let reconciliations: Reconciliations;
  const tenantOf = (name: string) => on.target.tenant(name);
  const create = async (name: string, count: number) => {
    await on.configure(name);
    tenantOf(name).configure({ maxPage: PAGE });
    await on.send(
      ...Array.from({ length: count }, (_, n) => on.command(name, idOf(n), user(idOf(n)), { lane: 'bulk' })),
    );
    await on.ingested();
    await reconciliations.settled(name);
    await reconciliations.cooled();
  };
  const change = (name: string, id: string, how: Record<string, unknown>) => {
    const stored = tenantOf(name).users.findBy('externalId', id);
    if (stored === undefined) throw new Error(`There is no account of ${id}.`);
    Object.assign(stored.resource, how);
    return stored;
  };
  const remove = (name: string, id: string) => {
    const stored = tenantOf(name).users.findBy('externalId', id);
    if (stored !== undefined) tenantOf(name).users.remove(stored);
  };
  const writes = (name: string, from: number) =>
    tenantOf(name)
      .ledger.entries.slice(from)
      .filter(({ method }) => method !== 'GET');

  beforeAll(async () => {
    on = await Installation.open();
    dispatcher = await on.start();
    reconciliations = new Reconciliations(on, () => dispatcher);
  });
  afterAll(() => on.close());

  /** `shift` chooses other people than before: a value that comes back after its repair is left alone. */
  const damage = (name: string, shift = 0) => {
    const people = (list: readonly number[]) => list.map((n) => idOf(n + shift));
    for (const id of people(RENAMED)) change(name, id, { displayName: 'Somebody else' });
    for (const id of people(BLANKED)) delete change(name, id, {}).resource['displayName'];
    for (const id of people(DISABLED)) change(name, id, { active: false });
    const ids = new Map(people([...RENAMED, ...BLANKED, ...DISABLED]).map((id) => [id, change(name, id, {}).id]));
    for (const id of people(DELETED)) remove(name, id);
    return { drifted: ids, deleted: people(DELETED) };
  };
  const repaired = async (name: string, { drifted, deleted }: ReturnType<typeof damage>) => {
    await reconciliations.settled(name);
    for (const id of [...drifted.keys(), ...deleted])
      await eventually(() => {
        const account = tenantOf(name).user(id);
        return account?.['displayName'] === `User ${id}` && account['active'] === true;
      }, `the repair of ${id}`);
  };
  const ALL_REPAIRED = {
    drifted: DRIFTED,
    repaired: DRIFTED,
    missing: DELETED.length,
    plannedAgain: DELETED.length,
    unknown: STRANGERS.length,
  };

  it('finds drift of every kind among 2,000 accounts, writes nothing unasked, and repairs exactly that when asked', async () => {
    await create('whole', PEOPLE);
    const harm = damage('whole');
    for (const id of STRANGERS) tenantOf('whole').users.insert({ userName: id, displayName: id, active: true });
    const { ledger } = tenantOf('whole');

    const reportFrom = ledger.entries.length;
    const report = await reconciliations.run('whole');
    expect(report).toMatchObject({
      state: 'done',
      repair: false,
      counts: { drifted: DRIFTED, missing: DELETED.length, unknown: STRANGERS.length },
    });
    expect(report.counts['repaired'] ?? 0).toBe(0);
    expect(writes('whole', reportFrom)).toEqual([]);
    expect((await dispatcher.ask(`/sp-connections/whole/objects/${idOf(3)}`)) as object).toMatchObject({
      seen: { attributes: { displayName: 'Somebody else' } },
    });

    const from = ledger.entries.length;
    const run = await reconciliations.run('whole', { repair: true });
    expect(run).toMatchObject({ state: 'done', counts: ALL_REPAIRED });
    await repaired('whole', harm);
    for (const stranger of STRANGERS)
      expect(tenantOf('whole').users.findBy('userName', stranger)?.resource).toMatchObject({ displayName: stranger });

    const wrote = writes('whole', from);
    expect(wrote.filter(({ method }) => method === 'PATCH')).toHaveLength(DRIFTED);
    expect(wrote.filter(({ method }) => method === 'POST')).toHaveLength(DELETED.length);
    expect(wrote).toHaveLength(DRIFTED + DELETED.length);
    const requests = ledger.entries.length - from;
    const pages = Math.ceil((PEOPLE - DELETED.length + STRANGERS.length) / PAGE);
    const optimal = pages + DRIFTED + DELETED.length;
    process.stdout.write(`reconciliation: ${requests} requests, optimal ${optimal}\n`);
    expect(requests).toBeLessThanOrEqual(1.02 * optimal);
  });

  it('goes on where it stopped after its process was killed in the middle, and changes nobody else', async () => {
    await reconciliations.cooled();
    const harm = damage('whole', 1);
    const { ledger } = tenantOf('whole');
    await on.stop(dispatcher);
    const other = await on.startKillable();
    tenantOf('whole').configure({ serviceTimeMs: 60 });
    const from = ledger.entries.length;
    const pages = () => ledger.entries.slice(from).filter(({ path }) => path.startsWith('/Users?startIndex'));
    const id = await reconciliations.request('whole', { repair: true });
    await eventually(() => pages().length >= 6, 'the middle of the list');
    other.kill('SIGKILL');
    await eventually(() => other.signalCode === 'SIGKILL', 'the end of the process');
    const before = pages().length;
    expect(before).toBeLessThan(PEOPLE / PAGE);
    tenantOf('whole').configure({ serviceTimeMs: 0 });
    dispatcher = await on.start();
    const run = await reconciliations.ended('whole', id);
    await repaired('whole', harm);

    expect(run).toMatchObject({ state: 'done', counts: ALL_REPAIRED });
    // Only what was under way is asked for a second time.
    const listed = pages().map(({ path }) => path);
    expect(listed.length - new Set(listed).size).toBeLessThanOrEqual(1);
    // A write whose answer was not recorded yet is repeated; nothing but the harm is written.
    const patched = writes('whole', from).filter(({ method }) => method === 'PATCH');
    expect(new Set(patched.map(({ key }) => key))).toEqual(new Set(harm.drifted.values()));
    const created = writes('whole', from).filter(({ method }) => method === 'POST');
    expect(created.map(({ key }) => key).toSorted()).toEqual(harm.deleted.toSorted());
    process.stdout.write(
      `reconciliation: killed after ${before} pages; ${listed.length - new Set(listed).size} pages and ${patched.length - harm.drifted.size} writes repeated\n`,
    );
  });

  it('leaves a target alone that shows too little', async () => {
    await create('short', 120);
    const { ledger, users } = tenantOf('short');
    for (let n = 0; n < 100; n += 1) remove('short', idOf(n));
    const from = ledger.entries.length;
    const run = await reconciliations.run('short', { repair: true });
    expect(run).toMatchObject({ counts: { missing: 100, plannedAgain: 0 } });
    expect(run.cause).toContain('100 of 120');
    expect(writes('short', from)).toEqual([]);
    expect(users.findBy('externalId', idOf(0))).toBeUndefined();
  });

  it('makes no second account where the list left one out or somebody has made one again', async () => {
    await create('twins', 60);
    const { users, ledger } = tenantOf('twins');
    // The list of the target lacks two: of one the account is there all the same, of the other somebody else has made a new one.
    const hidden = users.findBy('externalId', idOf(3));
    if (hidden === undefined) throw new Error('There is no such account.');
    tenantOf('twins').configure({ unlisted: [hidden.id] });
    remove('twins', idOf(7));
    users.insert({ userName: idOf(7), displayName: 'Made by hand', active: true });
    const from = ledger.entries.length;
    const run = await reconciliations.run('twins', { repair: true });
    expect(run).toMatchObject({ state: 'done', counts: { missing: 2, plannedAgain: 2, unknown: 1 } });
    await reconciliations.settled('twins');
    expect(users.size).toBe(60);
    expect(users.findBy('externalId', idOf(3))?.id).toBe(hidden.id);
    expect(users.findBy('userName', idOf(7))?.resource).toMatchObject({ displayName: `User ${idOf(7)}` });
    // A create found out that the hidden one is there; the other was looked for, because the list had shown its name.
    expect(
      writes('twins', from)
        .map(({ method, status }) => `${method} ${status}`)
        .sort(),
    ).toEqual(['PATCH 200', 'POST 409']);
  });

  it('compares one object at once, with cursor paging a whole connection, and does not fight with a target for ever', async () => {
    await create('one', 30);
    tenantOf('one').configure({ cursorPaging: true, maxPage: 10 });
    expect(await reconciliations.run('one')).toMatchObject({
      state: 'done',
      counts: { accounts: 30, asWritten: 30 },
    });
    change('one', idOf(5), { displayName: 'Drifted' });
    const began = performance.now();
    const run = await reconciliations.run('one', { objectId: idOf(5), repair: true });
    expect(run).toMatchObject({ counts: { drifted: 1, repaired: 1 }, samples: [{ paths: ['displayName'] }] });
    expect(performance.now() - began).toBeLessThan(3_000);
    await eventually(() => tenantOf('one').user(idOf(5))?.['displayName'] === `User ${idOf(5)}`, 'the repair');
    await reconciliations.settled('one');
    await reconciliations.cooled();
    change('one', idOf(5), { displayName: 'Drifted' });
    const again = await reconciliations.run('one', { repair: true });
    expect(again.counts).toMatchObject({ drifted: 1 });
    expect(again.counts['repaired'] ?? 0).toBe(0);
  });

  it('begins a list anew that the target gives up, and says so where it never comes to the end', async () => {
    await create('one', 30);
    tenantOf('one').configure({ cursorPaging: true, maxPage: 10 });
    const tooOld = { kind: 'status', status: 400, scimType: 'expiredCursor', on: { path: /cursor=[^&]/ } } as const;
    tenantOf('one').faults.add({ ...tooOld, after: 1 });
    expect(await reconciliations.run('one')).toMatchObject({
      state: 'done',
      cause: null,
      counts: { accounts: 30, restarts: 1 },
    });
    tenantOf('one').faults.add({ ...tooOld, times: 100 });
    const given = await reconciliations.run('one');
    expect(given).toMatchObject({ state: 'failed', counts: { restarts: 3 } });
    expect(given.cause).toMatch(/gave up its list of users before the end/);
  });

  it('links an account that appeared for an object without one where the policy adopts, and compares by itself where it is told to', async () => {
    const policy = (reconcile: Record<string, unknown>) => ({ policy: { users: { create: false }, reconcile } });
    await on.configure('adopting', policy({ unknown: 'adopt' }));
    await on.send(on.command('adopting', 'late', user('late')));
    await eventually(() => on.terminal('adopting').some(({ outcome }) => outcome === 'skipped'), 'the skipped object');
    tenantOf('adopting').users.insert({ userName: 'late', displayName: 'Late', active: true });
    tenantOf('adopting').users.insert({ userName: 'stranger', displayName: 'Stranger', active: true });
    const run = await reconciliations.run('adopting');
    expect(run.counts).toMatchObject({ adopted: 1, unknown: 1 });
    await eventually(
      () => tenantOf('adopting').users.findBy('userName', 'late')?.resource['displayName'] === 'User late',
      'the adopted account',
    );
    expect(tenantOf('adopting').users.findBy('userName', 'stranger')?.resource).toMatchObject({
      displayName: 'Stranger',
    });

    await on.configure('adopting', policy({ every: '3s' }));
    const scheduled = await eventually(
      async () => (await reconciliations.runs('adopting')).find((one) => one.scheduled && one.finishedAt !== null),
      'a scheduled run',
      30_000,
    );
    expect(scheduled).toMatchObject({ repair: false, requestedBy: 'schedule', state: 'done' });
  });
});
