import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '@provisor/testing';
import { silentLogger, withSpan } from '@provisor/telemetry';
import type { Database } from '../database/database.js';
import { openDatabase } from '../database/open-database.js';
import { Outbox, OutboxRecordTooLarge, type OutgoingRecordLike } from './outbox.js';
import { outboxMigration } from './outbox-migration.js';
import { OutboxRelay, type OutboxRelayOptions } from './outbox-relay.js';

const outbox = new Outbox();
const clock: OutboxRelayOptions['clock'] = {
  now: () => Date.now(),
  sleep: async (ms, signal) => void (await delay(ms, undefined, signal && { signal }).catch(() => undefined)),
};
/** A poll that comes never: what is published was woken by a notification. */
const withoutPoll: OutboxRelayOptions['clock'] = {
  ...clock,
  sleep: (ms, signal) => clock.sleep(ms === 500 ? 3_600_000 : ms, signal),
};

const record = (key: string, value: string | null = '{}'): OutgoingRecordLike => ({ topic: 'things.v1', key, value });
const keys = (records: readonly OutgoingRecordLike[]): string[] => records.map(({ key }) => key);

let test: TestDatabase;
let database: Database;
let other: Database;
const relays: OutboxRelay[] = [];
const started = async (
  options: Partial<OutboxRelayOptions> & Pick<OutboxRelayOptions, 'publish'>,
): Promise<OutboxRelay> => {
  const relay = new OutboxRelay({ database, log: silentLogger, clock, ...options });
  relays.push(relay);
  await relay.start();
  return relay;
};
const append = (...records: OutgoingRecordLike[]): Promise<void> =>
  database.transaction((tx) => outbox.append(tx, records));
const stored = async (): Promise<number> =>
  Number((await database.query<{ n: string }>('SELECT count(*) AS n FROM outbox'))[0]!.n);

beforeAll(async () => {
  test = await createTestDatabase();
  const schema = { name: 'capture', migrations: [outboxMigration('capture')], entities: [] } as const;
  const open = (applicationName: string): Promise<Database> =>
    openDatabase({ url: test.url, schema, log: silentLogger, applicationName, poolSize: 4 });
  database = await open('one');
  other = await open('two');
});
beforeEach(() => database.query('DELETE FROM outbox'));
afterEach(async () => {
  await Promise.all(relays.splice(0).map((relay) => relay.stop()));
});
afterAll(async () => {
  await Promise.all([database?.close(), other?.close()]);
  await test?.drop();
});

describe('the outbox', () => {
  it('refuses a record that the broker would not take, and the transaction with it', async () => {
    const large = record('large', 'x'.repeat(1_048_576));
    await expect(append(record('before'), large)).rejects.toBeInstanceOf(OutboxRecordTooLarge);
    expect(await stored()).toBe(0);
  });

  it('keeps nothing of a transaction that is rolled back', async () => {
    const failing = database.transaction(async (tx) => {
      await outbox.append(tx, [record('a')]);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await stored()).toBe(0);
  });
});

describe('the relay', () => {
  it('publishes in order with headers and trace, tombstones too, and deletes after the acknowledgement', async () => {
    const published: OutgoingRecordLike[] = [];
    const acknowledge = Promise.withResolvers<void>();
    let traceparent = '';
    await withSpan('capture', {}, async (span) => {
      traceparent = span.traceparent;
      await append({ ...record('a', '{"n":1}'), headers: { traceparent, ce_id: '1' } }, record('b', null), record('c'));
    });
    await started({
      publish: async (records) => {
        published.push(...records);
        await acknowledge.promise;
      },
    });
    await expect.poll(() => keys(published)).toEqual(['a', 'b', 'c']);
    expect(published[0]).toEqual({
      topic: 'things.v1',
      key: 'a',
      value: '{"n":1}',
      headers: { traceparent, ce_id: '1' },
    });
    expect(published[1]!.value).toBeNull();
    expect(await stored()).toBe(3);
    acknowledge.resolve();
    await expect.poll(stored).toBe(0);
  });

  it('is woken by a nudge, from its own process and from another', async () => {
    const published: string[] = [];
    const active = await started({
      clock: withoutPoll,
      publish: async (records) => void published.push(...keys(records)),
    });
    await append(record('first'));
    await expect
      .poll(() => {
        active.nudge();
        return published;
      })
      .toEqual(['first']);
    await append(record('second'));
    active.nudge();
    await expect.poll(() => published).toEqual(['first', 'second']);
    const standby = await started({ database: other, publish: async () => undefined });
    await append(record('third'));
    standby.nudge();
    await expect.poll(() => published).toEqual(['first', 'second', 'third']);
  });

  it('tries a failed batch again, in the same order, and publishes nothing behind it meanwhile', async () => {
    const calls: string[][] = [];
    await append(record('a'), record('b'));
    await started({
      batch: 2,
      publish: async (records) => {
        calls.push(keys(records));
        if (calls.length < 3) throw new Error('broker away');
        if (calls.length === 3) await append(record('c'));
      },
    });
    await expect.poll(() => calls, { timeout: 5_000 }).toEqual([['a', 'b'], ['a', 'b'], ['a', 'b'], ['c']]);
  });

  it('keeps batches below 4 MiB, and publishes a larger row alone', async () => {
    const batches: string[][] = [];
    const value = 'x'.repeat(1_000_000);
    await append(...Array.from({ length: 10 }, (_, n) => record(String(n), value)));
    await started({ publish: async (records) => void batches.push(keys(records)) });
    await expect
      .poll(() => batches)
      .toEqual([
        ['0', '1', '2', '3'],
        ['4', '5', '6', '7'],
        ['8', '9'],
      ]);
  });

  it('publishes a row that was committed late with a smaller id', async () => {
    const published: string[] = [];
    await started({ publish: async (records) => void published.push(...keys(records)) });
    await database.transaction(async (tx) => {
      await outbox.append(tx, [record('smaller id')]);
      await append(record('larger id'));
      await expect.poll(() => published).toEqual(['larger id']);
    });
    await expect.poll(() => published).toEqual(['larger id', 'smaller id']);
  });

  it('tells how many rows wait and how old the oldest is', async () => {
    const idle = new OutboxRelay({ database, log: silentLogger, clock, publish: async () => undefined });
    expect(await idle.pending()).toEqual({ count: 0, oldestAgeMs: 0 });
    await append(record('a'), record('b'));
    await database.query("UPDATE outbox SET created_at = created_at - interval '1 minute' WHERE key = 'a'");
    const pending = await idle.pending();
    expect(pending.count).toBe(2);
    expect(pending.oldestAgeMs).toBeGreaterThanOrEqual(60_000);
    expect(pending.oldestAgeMs).toBeLessThan(120_000);
  });

  it('stops after the batch in flight and frees the lease', async () => {
    const inFlight = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    await append(record('a'));
    const relay = await started({
      publish: async () => {
        inFlight.resolve();
        await release.promise;
      },
    });
    await inFlight.promise;
    const stopping = relay.stop();
    release.resolve();
    await stopping;
    expect(await stored()).toBe(0);
    await expect.poll(locks).toBe(0);
  });
});

describe('two relays on one schema', () => {
  it('have one active, and one again after its connection is lost, without losing a record', async () => {
    const byOne: string[] = [];
    const byTwo: string[] = [];
    await started({ publish: async (records) => void byOne.push(...keys(records)) });
    await append(record('1'));
    await expect.poll(() => byOne).toEqual(['1']);
    await started({ database: other, publish: async (records) => void byTwo.push(...keys(records)) });
    await append(record('2'));
    await expect.poll(() => byOne).toEqual(['1', '2']);
    expect(byTwo).toEqual([]);

    await database.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'one outbox relay'",
    );
    await append(record('3'), record('4'));
    await expect.poll(() => [...byOne.slice(2), ...byTwo], { timeout: 5_000 }).toEqual(['3', '4']);
    expect(await locks()).toBe(1);
  });

  it('publish every record when the lease is lost in the middle of a publication', async () => {
    const published: string[] = [];
    let killed = false;
    const publish = async (records: OutgoingRecordLike[]): Promise<void> => {
      if (!killed) {
        killed = true;
        await database.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '% outbox relay'",
        );
      }
      published.push(...keys(records));
    };
    await append(...Array.from({ length: 20 }, (_, n) => record(String(n))));
    await started({ batch: 5, publish });
    await started({ batch: 5, database: other, publish });
    await expect.poll(stored, { timeout: 10_000 }).toBe(0);
    expect(new Set(published)).toEqual(new Set(Array.from({ length: 20 }, (_, n) => String(n))));
    const lastOf = (key: string): number => published.lastIndexOf(key);
    expect(lastOf('4')).toBeLessThan(lastOf('5'));
  });
});

async function locks(): Promise<number> {
  const [row] = await database.query<{ n: string }>(
    `SELECT count(*) AS n FROM pg_locks
      WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  return Number(row!.n);
}
