import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, Installation } from './dispatcher.fixture.js';
import { LEASE_MS } from './engine/partition-lease.js';

const user = (id: string, displayName = `User ${id}`) => ({
  presence: 'active' as const,
  attributes: { userName: id, displayName },
});
const ids = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(5, '0')}`);

describe('several lives of the dispatcher', () => {
  let on: Installation;
  beforeEach(async () => {
    on = await Installation.open();
  });
  afterEach(async () => {
    await on.close();
  });

  it('makes no call when all commands are read again', async () => {
    await on.configure('sp');
    const first = await on.start();
    await on.send(...ids('r', 60).map((name) => on.command('sp', name, user(name))));
    await on.send(...ids('r', 60).map((name) => on.command('sp', name, user(name, `${name} again`))));
    await eventually(() => on.terminal('sp').length === 120, 'all results', 60_000);
    await on.stop(first);
    const requests = on.target.tenant('sp').ledger.entries.length;
    await on.forgetOffsets();
    await on.start();
    await on.ingested();
    await on.send(on.command('sp', 'after', user('after')));
    await eventually(() => on.target.tenant('sp').user('after'), 'what came after the replay');
    const since = on.target.tenant('sp').ledger.entries.slice(requests);
    expect(since.filter((entry) => entry.effect !== 'read').map((entry) => entry.key)).toEqual(['after']);
    await eventually(() => on.terminal('sp').length === 121, 'one more result');
  });

  it('makes every account once although it is killed in the middle of a load', async () => {
    await on.configure('sp', { limits: { concurrency: 8 } });
    on.target.tenant('sp').configure({ serviceTimeMs: 5 });
    const names = ids('k', 800);
    const victim = await on.startKillable();
    await on.send(...names.map((name) => on.command('sp', name, user(name), { lane: 'bulk' })));
    await eventually(() => on.target.tenant('sp').users.size > 150, 'the middle of the load', 60_000);
    victim.kill('SIGKILL');
    expect(on.target.tenant('sp').users.size).toBeLessThan(800);
    await on.start();
    await eventually(() => on.terminal('sp').length >= 800, 'all results', 90_000);
    expect(on.target.tenant('sp').users.size).toBe(800);
    expect([...on.target.tenant('sp').ledger.createsPerKey().values()].every((count) => count === 1)).toBe(true);
  });

  it('goes on when its lease was renewed too late and nobody had taken over', async () => {
    await on.configure('sp', { limits: { concurrency: 4 } });
    on.target.tenant('sp').configure({ serviceTimeMs: 5 });
    const names = ids('l', 300);
    await on.start();
    await on.send(...names.map((name) => on.command('sp', name, user(name))));
    await eventually(() => on.target.tenant('sp').users.size > 30, 'the beginning', 60_000);
    const lockedAt = Date.now();
    const unlock = await on.database.lock('dispatch.partitions');
    await eventually(() => Date.now() - lockedAt > LEASE_MS + 500, 'the end of the lease', 20_000);
    await unlock();
    await eventually(() => on.terminal('sp').length === 300, 'all results', 60_000);
    expect(on.target.tenant('sp').users.size).toBe(300);
    expect([...on.target.tenant('sp').ledger.createsPerKey().values()].every((count) => count === 1)).toBe(true);
  });

  it('shares the work between two instances without overlap and without loss', async () => {
    const connections = Array.from({ length: 8 }, (_, index) => `sp-${index}`);
    for (const name of connections) {
      await on.configure(name, { limits: { concurrency: 4 } });
      on.target.tenant(name).configure({ serviceTimeMs: 5 });
    }
    const names = ids('o', 60);
    const all = (round: number) =>
      connections.flatMap((name) => names.map((one) => on.command(name, one, user(one, `${one} ${round}`))));
    const first = await on.start();
    await on.send(...all(0));
    await eventually(() => on.results.length > 40, 'the beginning', 60_000);
    await on.start();
    await on.send(...all(1));
    await eventually(() => on.results.length > 400, 'the middle', 60_000);
    await on.stop(first);
    await on.send(...all(2));
    await eventually(() => connections.every((name) => on.terminal(name).length === 180), 'all results', 90_000);
    for (const name of connections) {
      const tenant = on.target.tenant(name);
      expect(tenant.users.size).toBe(60);
      expect([...tenant.ledger.createsPerKey().values()].every((count) => count === 1)).toBe(true);
      for (const one of names) expect(tenant.user(one)).toMatchObject({ displayName: `${one} 2` });
    }
  });
});
