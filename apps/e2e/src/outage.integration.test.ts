import { afterAll, beforeAll, expect, test } from 'vitest';
import { Installation } from './installation/installation.js';

let installation: Installation;

beforeAll(async () => {
  installation = await Installation.open({ users: 150, spConnections: ['intranet', 'wiki'] });
  await Promise.all([installation.untilSettled('intranet'), installation.untilSettled('wiki')]);
}, 240_000);
afterAll(() => installation?.close());

test('a service provider that is down keeps its changes waiting in sight, holds up nobody else, and gets them all afterwards', async () => {
  const { directory } = installation;
  const [intranet, wiki] = [installation.provider('intranet'), installation.provider('wiki')];
  const people = installation.organisation.people.filter(({ employeeType }) => employeeType === 'staff').slice(1, 31);
  await intranet.gate.close();

  for (const person of people) await directory.client.replace(person.dn, 'title', `Outage ${person.uid}`);
  const [first] = people;
  await directory.client.add(first!.dn.replace(first!.uid, 'newcomer'), {
    objectClass: ['top', 'person', 'organizationalPerson', 'inetOrgPerson'],
    uid: 'newcomer',
    cn: 'New Comer',
    givenName: 'New',
    sn: 'Comer',
    displayName: 'New Comer',
    mail: 'newcomer@corp.example',
    employeeType: 'staff',
  });

  // The other one has everything while this one is still down.
  await installation.untilSettled('wiki', { withinMs: 60_000 });
  const waiting = await installation.until('pending changes and their age are shown', async () => {
    const status = await installation.connectionStatus('intranet');
    return (status.oldestPendingAgeMs ?? 0) > 3_000 && status.counts?.pending === people.length + 1 && status;
  });
  expect(waiting.state).toBe('active');
  expect(waiting.reason).toContain('does not answer');
  const other = await installation.connectionStatus('wiki');
  expect(other.counts?.pending).toBe(0);
  expect(other.oldestPendingAgeMs).toBeNull();

  await intranet.gate.open();
  await installation.untilSettled('intranet');
  for (const provider of [intranet, wiki]) expect(provider.createdTwice()).toEqual([]);
  const { counts, oldestPendingAgeMs } = await installation.connectionStatus('intranet');
  expect(counts).toMatchObject({ pending: 0, failed: 0, held: 0 });
  expect(oldestPendingAgeMs).toBeNull();
}, 240_000);
