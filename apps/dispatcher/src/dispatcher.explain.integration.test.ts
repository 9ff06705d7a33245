import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, Installation, type Dispatcher } from './dispatcher.fixture.js';

const user = (id: string, more: Record<string, string> = {}) => ({
  presence: 'active' as const,
  attributes: { userName: id, displayName: `User ${id}`, ...more },
});

interface Explained {
  readonly state: string;
  readonly waits: readonly { readonly kind: string; readonly what: string; readonly until?: string }[];
  readonly plan: { readonly kind: string; readonly set?: readonly string[] } | null;
  readonly lastOutcome: { readonly kind: string; readonly at: string } | null;
}

describe('explanations and what a person can do about them', () => {
  let on: Installation;
  let dispatcher: Dispatcher;
  const explain = async (name: string, id: string) =>
    (await dispatcher.ask(`/sp-connections/${name}/objects/${id}`)) as Explained;
  const waitsOf = async (name: string, id: string) => (await explain(name, id)).waits?.map(({ kind }) => kind) ?? [];

  beforeAll(async () => {
    on = await Installation.open();
    dispatcher = await on.start();
  });
  afterAll(() => on.close());

  it('says what a paused object waits for and what would be done, and calls nobody meanwhile', async () => {
    await on.configure('paused');
    await on.send(on.command('paused', 'ada', user('ada')));
    await eventually(async () => (await explain('paused', 'ada')).state === 'done', 'the account');
    await on.control({ action: 'pause', spConnection: 'paused' });
    await eventually(async () => {
      const { spConnections } = (await dispatcher.ask('/sp-connections')) as {
        spConnections: { name: string; block: { kind: string } | null }[];
      };
      return spConnections.find(({ name }) => name === 'paused')?.block?.kind === 'paused';
    }, 'the pause');
    const { ledger } = on.target.tenant('paused');
    const calls = ledger.entries.length;
    await on.send(on.command('paused', 'ada', user('ada', { displayName: 'Ada L.' })));
    await eventually(async () => (await waitsOf('paused', 'ada')).includes('paused'), 'the explanation');
    expect(await explain('paused', 'ada')).toMatchObject({
      state: 'pending',
      plan: { kind: 'update', set: ['displayName'], clear: [] },
    });
    expect(ledger.entries.length).toBe(calls);
    await on.control({ action: 'resume', spConnection: 'paused' });
    await eventually(async () => (await explain('paused', 'ada')).state === 'done', 'the update');
    expect(await explain('paused', 'ada')).toMatchObject({ waits: [], plan: { kind: 'none' } });
  });

  it('sends one object now and has the full explanation of its outcome within three seconds', async () => {
    await on.configure('now');
    const tenant = on.target.tenant('now');
    tenant.faults.add({ kind: 'status', status: 400, on: { method: 'POST' }, detail: 'title is too long' });
    await on.send(on.command('now', 'bob', user('bob')));
    await eventually(async () => (await waitsOf('now', 'bob')).includes('person'), 'the failure');
    const before = await explain('now', 'bob');
    const began = performance.now();
    await on.control({ action: 'provision-now', spConnection: 'now', objectId: 'bob' });
    const after = await eventually(async () => {
      const one = await explain('now', 'bob');
      return one.lastOutcome?.at !== before.lastOutcome?.at && one;
    }, 'the outcome');
    expect(performance.now() - began).toBeLessThan(3_000);
    expect(after).toMatchObject({ state: 'done', waits: [], lastOutcome: { kind: 'applied' } });
  });

  it('ends a quarantine when a person says so, instead of waiting for the next probe', async () => {
    await on.configure('refused');
    const tenant = on.target.tenant('refused');
    tenant.faults.add({ kind: 'status', status: 401, times: 1_000_000 });
    await on.send(on.command('refused', 'eve', user('eve')));
    await eventually(async () => (await waitsOf('refused', 'eve')).includes('quarantined'), 'the quarantine');
    // Probes come after 4 to 5 s at first; a later one is far enough away that only a release can explain the delivery.
    await eventually(
      async () => {
        const { waits } = await explain('refused', 'eve');
        const until = waits.find(({ kind }) => kind === 'quarantined')?.until;
        return until !== undefined && Date.parse(until) - Date.now() > 6_000;
      },
      'a probe that is far away',
      20_000,
    );
    tenant.faults.clear();
    const began = performance.now();
    await on.control({ action: 'release', spConnection: 'refused' });
    await eventually(() => tenant.user('eve'), 'the account', 5_000);
    expect(performance.now() - began).toBeLessThan(4_000);
    await eventually(async () => (await explain('refused', 'eve')).state === 'done', 'the outcome');
  });
});
