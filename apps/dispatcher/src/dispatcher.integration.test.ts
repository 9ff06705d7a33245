import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, Installation, type Dispatcher } from './dispatcher.fixture.js';

const user = (id: string, more: Record<string, string> = {}) => ({
  presence: 'active' as const,
  attributes: { userName: id, displayName: `User ${id}`, ...more },
});

describe('the dispatcher', () => {
  let on: Installation;
  const terminalOf = (objectId: string, count: number) =>
    eventually(() => on.resultsOf(objectId).filter((result) => result.terminal).length === count, `${count} results`);
  let dispatcher: Dispatcher;

  beforeAll(async () => {
    on = await Installation.open();
    await on.configure('basic');
    dispatcher = await on.start();
  });
  afterAll(async () => {
    await on.close();
  });

  it('creates, updates, disables and deletes one account', async () => {
    const tenant = on.target.tenant('basic');
    await on.send(on.command('basic', 'ada', user('ada')));
    await eventually(() => tenant.user('ada'), 'the account');
    await terminalOf('ada', 1);
    expect(tenant.user('ada')).toMatchObject({ userName: 'ada', displayName: 'User ada', active: true });

    await on.send(on.command('basic', 'ada', user('ada', { displayName: 'Ada L.' })));
    await eventually(() => tenant.user('ada')?.['displayName'] === 'Ada L.', 'the update');
    await terminalOf('ada', 2);

    await on.send(on.command('basic', 'ada', { ...user('ada', { displayName: 'Ada L.' }), presence: 'disabled' }));
    await eventually(() => tenant.user('ada')?.['active'] === false, 'the disabled account');
    await terminalOf('ada', 3);

    await on.send(on.command('basic', 'ada', { presence: 'absent' }));
    await eventually(() => tenant.user('ada') === undefined, 'the removal');

    await terminalOf('ada', 4);
    const results = on.resultsOf('ada');
    expect(results.map((result) => [result.operation, result.outcome])).toEqual([
      ['create', 'applied'],
      ['update', 'applied'],
      ['disable', 'applied'],
      ['delete', 'applied'],
    ]);
    expect(results[1]?.changed).toEqual(['displayName']);
    expect(new Set(on.results.map((result) => result.id)).size).toBe(on.results.length);
  });

  it('shows the state of the connection and of one object', async () => {
    await on.send(on.command('basic', 'grace', user('grace')));
    await eventually(() => on.terminal('basic').some((result) => result.objectId === 'grace'), 'the result');
    const all = (await dispatcher.ask('/sp-connections')) as { spConnections: { name: string; counts: object }[] };
    expect(all.spConnections.find((one) => one.name === 'basic')?.counts).toMatchObject({
      desired: 1,
      applied: 1,
      pending: 0,
    });
    const one = await dispatcher.ask('/sp-connections/basic/objects/grace');
    expect(one).toMatchObject({ state: 'done', waitsFor: null, applied: { presence: 'active' } });
  });

  it('makes generated values that appear nowhere else, and never shows masked ones', async () => {
    const command = on.command(
      'basic',
      'pw',
      { presence: 'active', attributes: { userName: 'pw', password: { generate: { length: 20 } } } },
      { createOnly: ['password'], masked: ['password'] },
    );
    await on.send(command);
    await eventually(() => on.target.tenant('basic').user('pw'), 'the account');
    expect(JSON.stringify(await dispatcher.ask('/sp-connections/basic/objects/pw'))).toContain('[masked]');
  });
});
