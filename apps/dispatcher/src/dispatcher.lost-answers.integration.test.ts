import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Fault, LedgerEntry } from '@provisor/testing';
import { eventually, Installation, type Dispatcher } from './dispatcher.fixture.js';

const MANAGER = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager';
const user = (id: string, title: string, more: object = {}) => ({
  presence: 'active' as const,
  attributes: { userName: id, displayName: `User ${id}`, title },
  ...more,
});
/** Carried out, and answered as if it had not been. */
const lost = (method: string, path: string): Fault => ({
  ...{ kind: 'status', status: 500, effect: true, body: 'text' },
  on: { method, path },
});

describe('the dispatcher when answers are lost', () => {
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
    await on.configure(connection, {
      channels: [
        {
          name: 'staff',
          dataStore: 'corp',
          attributes: { userName: 'uid', displayName: 'cn', title: 'title', [MANAGER]: { reference: 'manager' } },
        },
      ],
    });
  });
  const tenant = () => on.target.tenant(connection);
  const command = (id: string, title: string, more: object = {}) => on.command(connection, id, user(id, title, more));
  const done = (count: number) =>
    eventually(() => on.terminal(connection).length >= count, `${count} terminal results`, 60_000);
  const writes = (): LedgerEntry[] => tenant().ledger.entries.filter(({ method }) => method !== 'GET');
  const idle = (): string[] => writes().flatMap(({ effect, body, path }) => (effect === 'none' ? [body ?? path] : []));

  it('does not write again what has arrived', async () => {
    await on.send(command('u', 'a'));
    await done(1);
    tenant().faults.add(lost('PATCH', '/Users'));
    await on.send(command('u', 'b'));
    await done(2);
    expect(tenant().user('u')).toMatchObject({ title: 'b' });
    expect(writes()).toHaveLength(2);
    expect(on.terminal(connection).at(-1)).toMatchObject({
      outcome: 'applied',
      operation: 'update',
      changed: ['title'],
    });
  });

  it('writes again what goes back to what it was before the answer was lost', async () => {
    await on.send(command('u', 'a'));
    await done(1);
    tenant().faults.add(lost('PATCH', '/Users'));
    await on.send(command('u', 'b'));
    await eventually(() => tenant().user('u')?.['title'] === 'b', 'the effect');
    await on.send(command('u', 'a'));
    await done(3);
    expect(tenant().user('u')).toMatchObject({ title: 'a' });
  });

  it('finds the references of an account that was made without an answer', async () => {
    await on.send(command('boss', 'a'));
    await done(1);
    tenant().faults.add(lost('POST', '/Users'));
    await on.send(command('u', 'a', { references: { [MANAGER]: 'boss' } }));
    await done(2);
    await eventually(async () => (await open()) === 0, 'the end of the references');
    expect(manager('u')).toBe(tenant().users.findBy('externalId', 'boss')?.id);
    expect(idle()).toEqual([]);
    expect(writes()).toHaveLength(2);
  });

  it('does not set a reference again that has arrived', async () => {
    await on.send(command('boss', 'a'), command('u', 'a'));
    await done(2);
    tenant().faults.add(lost('PATCH', '/Users'));
    await on.send(command('u', 'a', { references: { [MANAGER]: 'boss' } }));
    await eventually(async () => manager('u') !== undefined && (await open()) === 0, 'the reference');
    expect(idle()).toEqual([]);
  });

  it('ends a membership that may have been added, once it is not wanted any more', async () => {
    const group = { presence: 'active' as const, attributes: { displayName: 'staff' } };
    await on.send(on.command(connection, 'g', group, { objectType: 'group' }), command('u', 'a'));
    await done(2);
    tenant().faults.add(lost('PATCH', '/Groups'));
    await on.send(command('u', 'a', { memberOf: ['g'] }));
    await eventually(() => members().length === 1, 'the membership');
    await on.send(command('u', 'a', { memberOf: [] }));
    await eventually(() => members().length === 0, 'the end of the membership');
  });

  const members = (): unknown[] => (tenant().group('staff')?.['members'] ?? []) as unknown[];
  const manager = (id: string): unknown => {
    const enterprise = tenant().user(id)?.['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'];
    return (enterprise as { manager?: { value?: string } } | undefined)?.manager?.value;
  };
  /** Memberships and references that are not as desired. */
  const open = async (): Promise<number | undefined> => {
    const all = (await dispatcher.ask('/sp-connections')) as {
      spConnections: { name: string; counts: Record<string, number> }[];
    };
    return all.spConnections.find(({ name }) => name === connection)?.counts['waitingMemberships'];
  };
});
