import { afterAll, beforeAll, expect, test } from 'vitest';
import { Installation } from './installation/installation.js';
import { DATA_STORE } from './installation/documents.js';

let installation: Installation;

beforeAll(async () => {
  installation = await Installation.open({ users: 300, spConnections: ['intranet'] });
  await installation.untilSettled('intranet');
  // So that the change log has a position, as that of any directory that lives.
  await changeTitle('before');
}, 240_000);
afterAll(() => installation?.close());

async function changeTitle(title: string): Promise<void> {
  const { directory, organisation } = installation;
  await directory.client.replace(organisation.people[5]!.dn, 'title', title);
  await installation.untilSettled('intranet', { withinMs: 60_000 });
}

/** Everybody who had an account before has it still, and nothing was deleted or disabled. */
function expectNobodyRemoved(accounts: number): void {
  const { tenant } = installation.provider('intranet');
  expect(tenant.users.size).toBe(accounts);
  expect(tenant.ledger.effects('deleted')).toEqual([]);
}

const suspect = (words: RegExp) =>
  installation.until(`the data store is suspect: ${words}`, async () => {
    const status = await installation.dataStoreStatus();
    return status.state === 'suspect' && words.test(status.reason ?? '') && status;
  });

test('a directory that is down, empty or cut short removes nobody, is told, and changes flow when it is right again', async () => {
  const { directory, organisation, admin } = installation;
  const { accounts } = installation.provider('intranet');

  await directory.stop();
  const away = await installation.until('the data store is not reachable', async () => {
    const status = await installation.dataStoreStatus();
    return status.state === 'unreachable' && status;
  });
  expect(away.reason).toBeTruthy();
  expectNobodyRemoved(accounts);

  await directory.startWith({ people: [], groups: [] });
  await suspect(/brought nothing/);
  expectNobodyRemoved(accounts);
  expect(installation.service('change-capture').tail(200)).toMatch(/The data store is suspect: .*brought nothing/);

  await directory.startWith({ people: organisation.people.slice(0, 100), groups: organisation.groups.slice(0, 5) });
  await admin.compareDataStore({ params: { name: DATA_STORE } });
  await suspect(/missed \d+ of \d+ known objects/);
  expectNobodyRemoved(accounts);

  // Everybody is there again, but each answer stops after some entries, as with a limit for the account that reads.
  await directory.startWith(organisation, { maxSizeLimit: 50 });
  await admin.compareDataStore({ params: { name: DATA_STORE } });
  await installation.until('the cut is noticed', async () => {
    const { state, reason } = await installation.dataStoreStatus();
    return state === 'suspect' && /limit/i.test(reason ?? '');
  });
  expectNobodyRemoved(accounts);

  await directory.startWith(organisation);
  await admin.compareDataStore({ params: { name: DATA_STORE } });
  await installation.until('the data store is trusted again', async () => {
    const { state } = await installation.dataStoreStatus();
    return state === 'live';
  });
  expectNobodyRemoved(accounts);
  await changeTitle('after');
  expectNobodyRemoved(accounts);
}, 240_000);
