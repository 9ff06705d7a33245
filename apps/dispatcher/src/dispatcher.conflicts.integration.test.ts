import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually, Installation } from './dispatcher.fixture.js';

const user = (userName: string) => ({
  presence: 'active' as const,
  attributes: { userName, displayName: `User ${userName}` },
});

describe('two objects that want the same account name', () => {
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
    connection = `conflict-${(index += 1)}`;
    await on.configure(connection, { policy: { users: { remove: 'delete' } } });
    await on.send(on.command(connection, 'old', user('joe')));
    await eventually(() => tenant().users.size === 1, 'the first account');
  });
  const tenant = () => on.target.tenant(connection);
  const outcomeOf = (objectId: string) =>
    on
      .resultsOf(objectId)
      .filter((result) => result.spConnection === connection)
      .at(-1);

  it('gives it to who comes back, although the account of who left is still being removed', async () => {
    tenant().faults.add({ kind: 'status', status: 503, on: { method: 'DELETE' }, times: 3 });
    await on.send(
      on.command(connection, 'old', { presence: 'absent' }, { lane: 'leaver' }),
      on.command(connection, 'new', user('joe')),
    );
    await eventually(() => outcomeOf('new')?.outcome === 'applied', 'the second account');
    expect(tenant().users.size).toBe(1);
    expect(tenant().user('new')).toBeDefined();
  });

  it('fails where it belongs to somebody who stays, and is tried again as soon as that one lets go of it', async () => {
    await on.send(on.command(connection, 'new', user('joe')));
    await eventually(() => outcomeOf('new')?.code === 'match.other-owner', 'the refusal');
    expect(outcomeOf('new')).toMatchObject({ outcome: 'rejected', terminal: true });
    await on.send(on.command(connection, 'old', user('joseph')));
    await eventually(() => tenant().user('new') !== undefined, 'the second account');
    expect(tenant().user('old')).toMatchObject({ userName: 'joseph' });
    expect(tenant().user('new')).toMatchObject({ userName: 'joe' });
  });
});
