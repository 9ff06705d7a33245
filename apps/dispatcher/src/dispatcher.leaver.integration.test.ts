import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually, Installation } from './dispatcher.fixture.js';

const user = (id: string, more: { title?: string; memberOf?: readonly string[] } = {}) => ({
  presence: 'active' as const,
  attributes: { userName: id, displayName: `User ${id}`, ...(more.title === undefined ? {} : { title: more.title }) },
  ...(more.memberOf === undefined ? {} : { memberOf: [...more.memberOf] }),
});
const ids = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(5, '0')}`);

describe('whoever leaves', () => {
  let on: Installation;
  let connection = '';
  let index = 0;

  beforeAll(async () => {
    on = await Installation.open();
    await on.start();
  });
  afterAll(async () => {
    await on.close();
  });
  beforeEach(async () => {
    connection = `sp-${(index += 1)}`;
    await on.configure(connection, { limits: { concurrency: 8 } });
  });
  const tenant = () => on.target.tenant(connection);
  const disable = (id: string) =>
    on.command(connection, id, { presence: 'disabled', memberOf: [] }, { lane: 'leaver', reason: 'left-scope' });
  const resultOf = (id: string, operation: string) =>
    eventually(
      () => on.resultsOf(id).find((one) => one.spConnection === connection && one.operation === operation),
      `the result of the ${operation} of ${id}`,
    );

  it('goes before 5,000 others, with everything folded away that waits for that person, and nothing brings it back', async () => {
    const leavers = ids('leaver', 20);
    const crowd = ids('crowd', 5_000);
    await on.send(...leavers.map((id) => on.command(connection, id, user(id))));
    await eventually(() => tenant().users.size === 20, 'the accounts of those who will leave');
    await eventually(() => on.terminal(connection).length === 20, 'their results');
    tenant().configure({ serviceTimeMs: 4 });
    const begun = Date.now();
    await on.send(
      ...crowd.map((id) => on.command(connection, id, user(id), { lane: 'bulk' })),
      ...leavers.map((id) => on.command(connection, id, user(id, { title: 'Changed' }), { lane: 'bulk' })),
    );
    await eventually(() => tenant().users.size > 300, 'the middle of the load');
    const waited: number[] = [];
    const account = new Map(leavers.map((id) => [id, tenant().users.findBy('externalId', id)?.id ?? '']));
    for (const id of leavers) {
      const sentAt = Date.now();
      // One who leaves before the account was made, too.
      await on.send(disable(id), disable(`crowd${String(4_999 - waited.length).padStart(5, '0')}`));
      const off = await eventually(() => tenant().user(id)?.['active'] === false && Date.now(), `${id} is disabled`);
      waited.push(off - sentAt);
    }
    const createdMeanwhile = tenant().users.size;
    await eventually(() => tenant().users.size === 20 + 4_980, 'the end of the load', 120_000);
    const bulkMs = Date.now() - begun;
    const slowest = Math.max(...waited);
    expect(createdMeanwhile).toBeLessThan(4_900);
    expect(slowest, `of 20 leavers, beside a load of ${bulkMs} ms`).toBeLessThan(Math.max(2_000, bulkMs / 3));

    await eventually(() => on.terminal(connection).length >= 20 + 5_000 + 20 + 40, 'all results', 60_000);
    for (const id of leavers) {
      expect(tenant().user(id)).toMatchObject({ active: false });
      const changes = tenant()
        .ledger.effects()
        .filter((entry) => entry.path.startsWith(`/Users/${account.get(id)}`));
      expect(changes.length).toBeLessThanOrEqual(2);
    }
    for (const id of crowd.slice(4_980)) expect(tenant().user(id)).toBeUndefined();
    expect([...tenant().ledger.createsPerKey().values()].every((count) => count === 1)).toBe(true);
  });

  it('is read back: the result proves that the account is off, or gone', async () => {
    await on.send(on.command(connection, 'ada', user('ada')), on.command(connection, 'bob', user('bob')));
    await eventually(() => tenant().users.size === 2, 'the accounts');
    await on.send(disable('ada'), on.command(connection, 'bob', { presence: 'absent' }, { lane: 'leaver' }));
    expect(await resultOf('ada', 'disable')).toMatchObject({
      outcome: 'applied',
      readBack: { verdict: 'confirmed', found: 'inactive', httpStatus: 200 },
    });
    expect(await resultOf('bob', 'delete')).toMatchObject({
      outcome: 'applied',
      readBack: { verdict: 'confirmed', found: 'absent', httpStatus: 404 },
    });
  });

  it('is tried again when the target said yes and shows the account as active', async () => {
    await on.send(on.command(connection, 'eve', user('eve')));
    await eventually(() => tenant().user('eve'), 'the account');
    tenant().faults.add({ kind: 'status', status: 204, body: 'empty', on: { method: 'PATCH', path: '/Users' } });
    await on.send(disable('eve'));
    const first = await resultOf('eve', 'disable');
    expect(first).toMatchObject({
      outcome: 'retryable',
      terminal: false,
      code: 'target.not-removed',
      readBack: { verdict: 'contradicted', found: 'active' },
    });
    await eventually(() => tenant().user('eve')?.['active'] === false, 'the disable that has effect');
    const last = await eventually(
      () => on.resultsOf('eve').find((one) => one.operation === 'disable' && one.terminal),
      'proof',
    );
    expect(last).toMatchObject({ outcome: 'applied', readBack: { verdict: 'confirmed' } });
  });

  it('counts as removed where the target cannot be read, and is not read where the policy says so', async () => {
    await on.send(on.command(connection, 'ida', user('ida')), on.command(connection, 'joe', user('joe')));
    await eventually(() => on.terminal(connection).length === 2, 'the accounts');
    tenant().faults.add({ kind: 'status', status: 403, on: { method: 'GET', path: /^\/Users\/[^?]/ } });
    await on.send(disable('ida'));
    expect(await resultOf('ida', 'disable')).toMatchObject({ outcome: 'applied', readBack: { verdict: 'unreadable' } });
    await on.configure(connection, { policy: { readBack: 'never' } });
    const before = tenant().ledger.entries.length;
    await eventually(async () => {
      await on.send(on.command(connection, 'joe', user('joe', { title: String(Date.now()) })));
      return on.resultsOf('joe').length > 3;
    }, 'the new configuration to be at work');
    await on.send(disable('joe'));
    expect((await resultOf('joe', 'disable')).readBack).toBeUndefined();
    const reads = tenant()
      .ledger.entries.slice(before)
      .filter((entry) => /^\/Users\/[^?]/.test(entry.path) && entry.method === 'GET');
    expect(reads).toEqual([]);
  });
});
