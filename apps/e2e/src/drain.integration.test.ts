import { afterAll, beforeAll, expect, test } from 'vitest';
import { Installation } from './installation/installation.js';
import { DRAIN_BOUND_MS, SERVICES } from './installation/service-process.js';

let installation: Installation;

beforeAll(async () => {
  const target = { serviceTimeMs: 40 };
  installation = await Installation.open({ users: 1500, spConnections: ['intranet'], target, configured: false });
}, 240_000);
afterAll(() => installation?.close());

test('SIGTERM under load: every service drains in time with exit code 0, and after the restart nothing is missing', async () => {
  const provider = installation.provider('intranet');
  await installation.configure();
  await installation.until('the load is under way', () => provider.accounts > 100, { withinMs: 60_000 });

  const ended = await Promise.all(SERVICES.map((name) => installation.service(name).stop()));
  expect(provider.accounts).toBeLessThan(1400);
  for (const [index, { code, signal, tookMs }] of ended.entries()) {
    expect({ service: SERVICES[index], code, signal }).toEqual({ service: SERVICES[index], code: 0, signal: null });
    expect(tookMs).toBeLessThan(DRAIN_BOUND_MS);
  }

  await Promise.all(installation.services.map((service) => service.start()));
  await installation.untilSettled('intranet', { withinMs: 120_000 });
  expect(provider.createdTwice()).toEqual([]);
  // Drained means that what every call came to was written down: nobody was created again in vain.
  expect(provider.tenant.ledger.entries.filter(({ status }) => status === 409)).toEqual([]);
  expect((await installation.connectionStatus('intranet')).counts).toMatchObject({ pending: 0, failed: 0, held: 0 });
}, 300_000);
