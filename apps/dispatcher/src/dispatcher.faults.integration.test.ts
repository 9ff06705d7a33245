import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProvisioningCommand } from '@provisor/contracts';
import { eventually, Installation, type Dispatcher } from './dispatcher.fixture.js';

const user = (id: string, more: Record<string, string> = {}) => ({
  presence: 'active' as const,
  attributes: { userName: id, displayName: `User ${id}`, ...more },
});
const ids = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(5, '0')}`);

interface Connections {
  readonly spConnections: readonly {
    name: string;
    counts: Record<string, number>;
    oldestPendingAgeMs: number | null;
    quarantine: { code: string } | null;
    block: { kind: string } | null;
  }[];
}

describe('the dispatcher with a troubled service provider', () => {
  let on: Installation;
  let dispatcher: Dispatcher;
  let connection = '';
  let index = 0;

  beforeAll(async () => {
    on = await Installation.open();
    dispatcher = await on.start();
  });
  afterAll(async () => {
    await on.close();
  });
  beforeEach(async () => {
    connection = `sp-${(index += 1)}`;
    await on.configure(connection, { limits: { concurrency: 8 } });
  });
  const tenant = () => on.target.tenant(connection);
  const state = async () => {
    const all = (await dispatcher.ask('/sp-connections')) as Connections;
    return all.spConnections.find((one) => one.name === connection);
  };
  const creates = (names: readonly string[], lane: ProvisioningCommand['lane'] = 'delta') =>
    names.map((name) => on.command(connection, name, user(name), { lane }));
  const done = (count: number, ms = 60_000) =>
    eventually(() => on.terminal(connection).length >= count, `${count} terminal results`, ms);

  it('makes one account when the answer to a create is lost', async () => {
    tenant().faults.add({ kind: 'lost-answer', on: { method: 'POST', path: '/Users' }, times: 3 });
    await on.send(...creates(ids('lost', 10)));
    await done(10);
    expect(tenant().users.size).toBe(10);
    expect([...tenant().ledger.createsPerKey().values()].every((count) => count === 1)).toBe(true);
  });

  it('takes a create without an id for no success and finds the account', async () => {
    tenant().faults.add({ kind: 'without-id', on: { method: 'POST', path: '/Users' } });
    await on.send(...creates(['noid']));
    await done(1);
    expect(tenant().users.size).toBe(1);
    expect(on.terminal(connection)[0]?.outcome).toBe('applied');
  });

  it('obeys Retry-After for the whole scope and slows no other', async () => {
    const other = `${connection}-other`;
    await on.configure(other);
    await on.send(...creates(['first']));
    await done(1);
    tenant().faults.add({ kind: 'throttle', seconds: 2, style: 'retry-after' });
    const before = tenant().ledger.entries.length;
    await on.send(...creates(ids('busy', 20)), ...ids('free', 20).map((name) => on.command(other, name, user(name))));
    await eventually(() => on.target.tenant(other).users.size === 20, 'the other connection', 10_000);
    await done(21);
    const entries = tenant().ledger.entries.slice(before);
    const throttledAt = entries.find((entry) => entry.status === 429)?.time ?? 0;
    // What was on its way when the answer came still arrives.
    const during = entries.filter((entry) => entry.time > throttledAt && entry.time < throttledAt + 1_990);
    expect(throttledAt).toBeGreaterThan(0);
    expect(during.length).toBeLessThanOrEqual(8);
    expect(during.every((entry) => entry.time < throttledAt + 1_000)).toBe(true);
    expect(tenant().users.size).toBe(21);
  });

  it('obeys the Retry-After of a listing, before the look-ups that take its place', async () => {
    await on.send(...creates(['first']));
    await done(1);
    tenant().faults.add({ kind: 'throttle', seconds: 2, style: 'retry-after', on: { method: 'GET' }, times: 1 });
    await on.send(...creates(ids('listed', 300), 'bulk'));
    await done(301);
    const { entries } = tenant().ledger;
    const throttledAt = entries.find((entry) => entry.status === 429)?.time ?? 0;
    expect(throttledAt).toBeGreaterThan(0);
    const during = entries.filter((entry) => entry.time > throttledAt && entry.time < throttledAt + 1_990);
    expect(during).toEqual([]);
    expect(tenant().users.size).toBe(301);
  });

  it('keeps what is pending while the service provider is down, shows it, and delivers when it is back', async () => {
    tenant().faults.add({ kind: 'status', status: 503, times: 1_000_000 });
    await on.send(...creates(ids('down', 50)));
    const seen = await eventually(async () => {
      const now = await state();
      return now?.counts['pending'] === 50 && (now.oldestPendingAgeMs ?? 0) > 2_500 && now;
    }, 'pending objects and their age');
    expect(seen.block?.kind).toBe('breaker-open');
    const requests = tenant().ledger.entries.length;
    tenant().faults.clear();
    await done(50, 30_000);
    expect(tenant().users.size).toBe(50);
    expect(requests).toBeLessThan(40);
  });

  it('is halted by a refused token and goes on when it is accepted again', async () => {
    tenant().faults.add({ kind: 'status', status: 401, times: 1_000_000 });
    await on.send(...creates(ids('halt', 30)));
    await eventually(
      async () => (await state())?.quarantine !== null && (await state()) !== undefined,
      'the quarantine',
    );
    expect((await state())?.counts['failed']).toBe(0);
    expect(tenant().ledger.entries.length).toBeLessThan(10);
    tenant().faults.clear();
    await done(30);
    expect(tenant().users.size).toBe(30);
    expect((await state())?.quarantine).toBeNull();
  });

  it('links an account that is there already and writes only the difference', async () => {
    await on.send(...creates(['old']));
    await done(1);
    const second = `${connection}-again`;
    await on.configure(second, {}, connection);
    tenant().ledger.clear();
    await on.send(on.command(second, 'old', user('old', { displayName: 'New name' })));
    await eventually(() => on.terminal(second).length === 1, 'the result');
    expect(tenant().users.size).toBe(1);
    expect(tenant().user('old')).toMatchObject({ displayName: 'New name' });
    expect(
      tenant()
        .ledger.effects()
        .map((entry) => entry.method),
    ).toEqual(['PATCH']);
  });

  it('fails an object whose account belongs to another one, and names both', async () => {
    await on.send(...creates(['owner']));
    await done(1);
    const thief = on.command(connection, 'thief', { presence: 'active', attributes: { userName: 'owner' } });
    await on.send(thief);
    await done(2);
    const [result] = on.resultsOf('thief');
    expect(result).toMatchObject({ outcome: 'rejected', terminal: true });
    expect(tenant().user('owner')).toMatchObject({ displayName: 'User owner' });
  });

  it('makes an account anew that vanished at the target, with its memberships', async () => {
    const group = on.command(
      connection,
      'g1',
      { presence: 'active', attributes: { displayName: 'staff' } },
      { objectType: 'group' },
    );
    await on.send(group, on.command(connection, 'van', { ...user('van'), memberOf: ['g1'] }));
    await eventually(() => members('staff').length === 1, 'the membership');
    await done(2);
    const stored = tenant().users.findBy('externalId', 'van');
    if (stored === undefined) throw new Error('The account is missing.');
    tenant().users.remove(stored);
    tenant().members.forget(stored.id);
    await on.send(on.command(connection, 'van', { ...user('van', { displayName: 'Back' }), memberOf: ['g1'] }));
    await eventually(() => tenant().user('van')?.['displayName'] === 'Back', 'the new account');
    await eventually(
      () => members('staff').some((member) => member === tenant().users.findBy('externalId', 'van')?.id),
      'the membership of the new account',
    );
  });

  it('lists the accounts once before a load of many instead of looking each one up', async () => {
    await on.send(...creates(['warm']));
    await done(1);
    tenant().ledger.clear();
    await on.send(...creates(ids('bulk', 600), 'bulk'));
    await done(601);
    expect(tenant().users.size).toBe(601);
    expect(tenant().ledger.entries.length).toBeLessThan(720);
    expect([...tenant().ledger.createsPerKey().values()].every((count) => count === 1)).toBe(true);
  });

  const members = (displayName: string): string[] => {
    const list = (tenant().group(displayName)?.['members'] ?? []) as { value: string }[];
    return list.map((member) => member.value);
  };
});
