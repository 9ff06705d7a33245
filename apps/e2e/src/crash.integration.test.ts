import { identityChanges, provisioningCommands } from '@provisor/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Installation } from './installation/installation.js';

const USERS = 5000;

let installation: Installation;

beforeAll(async () => {
  // With some time per answer, so that there is a middle of the load to crash in.
  const target = { serviceTimeMs: 5 };
  installation = await Installation.open({ users: USERS, spConnections: ['intranet'], target, configured: false });
}, 240_000);
afterAll(() => installation?.close());

/** Kills a service as soon as this many things are done, and starts it anew without waiting for it. */
async function crash(name: 'change-capture' | 'mapping' | 'dispatcher', done: () => number | Promise<number>) {
  const service = installation.service(name);
  const many = await installation.until(`${name} has done a part`, async () => (await done()) > 150 && (await done()), {
    withinMs: 120_000,
    everyMs: 10,
  });
  await service.kill();
  process.stdout.write(`${name} was killed when about ${many} were done\n`);
  expect(await done()).toBeLessThan(USERS);
  await service.launch();
}

test('SIGKILL of capture, mapping and dispatcher in a first load: everybody has one account, nothing is lost', async () => {
  const provider = installation.provider('intranet');
  await installation.configure();
  // Each has to be out of the group before its successor is let in, which takes as long for all of them together as for one.
  await crash('dispatcher', () => provider.accounts);
  await crash('mapping', () => installation.records(provisioningCommands('scim').name));
  await crash('change-capture', () => installation.records(identityChanges.name));

  await Promise.all(installation.services.map((service) => service.untilReady()));
  await installation.untilSettled('intranet', { withinMs: 180_000 });
  expect(provider.createdTwice()).toEqual([]);
  const { counts } = await installation.connectionStatus('intranet');
  expect(counts).toMatchObject({ pending: 0, failed: 0, held: 0, waitingMemberships: 0 });
  expect(counts?.applied).toBe(counts?.desired);
}, 360_000);
