import { startTelemetry } from '@provisor/telemetry';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, Installation } from './dispatcher.fixture.js';

let on: Installation;
const telemetry = startTelemetry({ service: 'dispatcher', version: '0' });

beforeAll(async () => {
  on = await Installation.open();
  await on.configure('basic');
  await on.start();
});
afterAll(async () => {
  await on.close();
  await telemetry.shutdown();
});

it('shows pending, failed, held and quarantined work of each SP connection, which alerts are made of', async () => {
  await on.send(on.command('basic', 'ada', { presence: 'active', attributes: { userName: 'ada' } }));
  await eventually(() => on.target.tenant('basic').user('ada'), 'the account');
  const gauges = ['pending', 'oldest_pending_age', 'failed', 'held', 'quarantined'];
  const missing = async () => {
    const text = await telemetry.metricsText();
    return gauges.filter((name) => !text.includes(`provisioning_${name}{sp_connection="basic"} 0`));
  };
  await eventually(async () => (await missing()).length === 0, 'every gauge at 0');
  expect(await missing()).toEqual([]);
});

it('shows what became of every accepted version, and that nothing is missing', async () => {
  const series = (state: string, value: number): string =>
    `provisioning_accounting{sp_connection="basic",state="${state}"} ${value}`;
  const states = ['failed', 'dead', 'superseded', 'skipped', 'held', 'pending'].map((state) => series(state, 0));
  const wanted = [
    ...states,
    series('accepted', 1),
    series('succeeded', 1),
    'provisioning_accounting_difference{sp_connection="basic"} 0',
  ];
  await eventually(async () => {
    const text = await telemetry.metricsText();
    expect(wanted.filter((line) => !text.includes(line))).toEqual([]);
    return true;
  }, 'every state');
});
