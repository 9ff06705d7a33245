import type { ProvisioningCommand } from '@provisor/contracts';
import { dispatchSchema, openDatabase, StatusStore, type Accounting, type Database } from '@provisor/persistence';
import { silentLogger } from '@provisor/telemetry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, Installation } from './dispatcher.fixture.js';

const CONNECTION = 'sp-1';
const user = (id: string, displayName: string) => ({
  presence: 'active' as const,
  attributes: { userName: id, displayName },
});
const ids = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(5, '0')}`);

/** Asks again and again until ended; answers every difference that was seen. */
function watch(read: () => Promise<Accounting | undefined>): () => Promise<number[]> {
  const seen: number[] = [];
  let ended = false;
  const watching = (async () => {
    while (!ended) seen.push((await read())?.difference ?? 0);
  })();
  watching.catch(() => undefined);
  return async () => {
    ended = true;
    await watching;
    return seen;
  };
}

describe('the accounting', () => {
  let on: Installation;
  let database: Database;
  let status: StatusStore;

  beforeAll(async () => {
    on = await Installation.open();
    database = await openDatabase({
      url: on.database.url,
      schema: dispatchSchema,
      log: silentLogger,
      applicationName: 'test',
    });
    status = new StatusStore(database, 'scim');
  });
  afterAll(async () => {
    await database.close();
    await on.close();
  });
  const accounting = async (): Promise<Accounting | undefined> =>
    (await status.connections()).find(({ spConnection }) => spConnection === CONNECTION)?.accounting;
  const settled = (accepted: number) =>
    eventually(
      async () => {
        const now = await accounting();
        return now !== undefined && now.accepted >= accepted && now.pending === 0 && now;
      },
      `the end of ${accepted} versions`,
      90_000,
    );

  it('closes at every moment, through the death of a dispatcher, and a replay counts nothing again', async () => {
    const guard = { removals: { max: 5, percent: 0, window: '1h' } };
    await on.configure(CONNECTION, { policy: { guard } });
    const end = watch(accounting);
    const tenant = on.target.tenant(CONNECTION);
    tenant.faults.add({ kind: 'status', status: 400, on: { method: 'POST', path: '/Users' }, times: 20 });
    const names = ids('acc', 600);
    const versions: ProvisioningCommand[] = [];
    const send = async (...commands: ProvisioningCommand[]): Promise<void> => {
      versions.push(...commands);
      await on.send(...commands);
    };

    const first = await on.startKillable();
    await send(...names.map((name) => on.command(CONNECTION, name, user(name, 'One'), { lane: 'bulk' })));
    await eventually(() => tenant.users.size > 150, 'the middle of the load');
    first.kill('SIGKILL');
    for (const round of ['Two', 'Three'])
      await send(...names.map((name) => on.command(CONNECTION, name, user(name, round), { lane: 'bulk' })));
    const second = await on.start();
    await settled(versions.length);
    await send(...names.slice(0, 20).map((name) => on.command(CONNECTION, name, { presence: 'absent' })));
    const late = {
      ...on.command(CONNECTION, 'acc00100', user('acc00100', 'Late')),
      version: { sequence: 1, config: 0 },
    };
    await send(late);
    const poison = {
      ...on.command(CONNECTION, 'bad', user('bad', 'Bad')),
      desired: { ...user('bad', 'Bad'), memberOf: ['a\0b'] },
    };
    await send(poison);
    await on.ingested();
    await on.stop(second);

    await on.forgetOffsets();
    const third = await on.start();
    const came = await settled(versions.length);
    await on.ingested();
    expect(await accounting()).toEqual(came);
    expect(came).toMatchObject({ accepted: versions.length, dead: 1, pending: 0, difference: 0 });
    expect(came.held).toBe(15);
    expect(came.superseded).toBeGreaterThanOrEqual(1);
    const differences = await end();
    expect(differences.length).toBeGreaterThan(20);
    expect(differences.filter((one) => one !== 0)).toEqual([]);

    await on.control({ action: 'reject', spConnection: CONNECTION });
    await eventually(async () => (await accounting())?.held === 0, 'no holds');
    const after = await settled(versions.length);
    expect(after).toEqual({ ...came, held: 0, skipped: came.skipped + 15 });
    // As many as the results say, each version once.
    const expected = after.accepted - after.dead;
    const terminal = await eventually(() => {
      const told = new Map(
        on.terminal(CONNECTION).map((one) => [`${one.objectId} ${one.version.sequence}.${one.version.config}`, one]),
      );
      return told.size >= expected && told;
    }, 'all results');
    const outcomes = Map.groupBy(terminal.values(), ({ outcome }) => outcome);
    const count = (...kinds: ('applied' | 'unchanged' | 'superseded' | 'skipped' | 'rejected')[]): number =>
      kinds.reduce((sum, kind) => sum + (outcomes.get(kind)?.length ?? 0), 0);
    expect(count('superseded')).toBe(after.superseded);
    expect(count('skipped')).toBe(after.skipped);
    expect(count('applied', 'unchanged')).toBe(after.succeeded);
    expect(count('rejected')).toBe(after.failed);
    await on.stop(third);
  });

  it('counts a version that failed and then succeeded once', async () => {
    const name = 'sp-2';
    await on.configure(name);
    const dispatcher = await on.start();
    const tenant = on.target.tenant(name);
    const own = async () => (await status.connections()).find(({ spConnection }) => spConnection === name)?.accounting;
    tenant.faults.add({ kind: 'status', status: 400, scimType: 'invalidValue', on: { method: 'POST' } });
    await on.send(on.command(name, 'ada', user('ada', 'Ada')));
    await eventually(async () => (await own())?.failed === 1, 'the failure');
    await on.control({ action: 'retry', spConnection: name });
    await eventually(async () => (await own())?.succeeded === 1, 'the success');
    expect(await own()).toMatchObject({ accepted: 1, failed: 0, succeeded: 1, difference: 0 });
    await on.control({ action: 'provision-now', spConnection: name, objectId: 'ada' });
    await eventually(() => on.resultsOf('ada').some(({ outcome }) => outcome === 'unchanged'), 'the second attempt');
    expect(await own()).toMatchObject({ accepted: 1, succeeded: 1, difference: 0 });
    await on.stop(dispatcher);
  });
});
