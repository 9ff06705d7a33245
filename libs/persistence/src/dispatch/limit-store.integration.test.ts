import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger } from '@provisor/telemetry';
import { createTestDatabase, type TestDatabase } from '@provisor/testing';
import type { Database } from '../database/database.js';
import { openDatabase } from '../database/open-database.js';
import { LimitStore } from './limit-store.js';
import { dispatchSchema } from './schema.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const START = Math.ceil(Date.parse('2026-01-01T00:00:00Z') / HOUR) * HOUR;

describe('the windows of limit scopes', () => {
  let server: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    server = await createTestDatabase();
    database = await openDatabase({
      url: server.url,
      schema: dispatchSchema,
      log: silentLogger,
      applicationName: 'test',
    });
  });
  afterAll(async () => {
    await database.close();
    await server.drop();
  });

  it('count across owners, until their slice is out of the window', async () => {
    const rule = { requests: 10, perMs: HOUR };
    const before = new LimitStore(database, 'scim');
    expect(await before.reserve('org', rule, 7, START)).toEqual({ granted: 7, until: START + MINUTE });
    const after = new LimitStore(database, 'scim');
    expect((await after.reserve('org', rule, 7, START + 30 * MINUTE)).granted).toBe(3);
    expect(await after.reserve('org', rule, 1, START + 31 * MINUTE)).toEqual({
      granted: 0,
      until: START + 32 * MINUTE,
      retryAt: START + HOUR + MINUTE,
    });
    expect((await after.reserve('org', rule, 9, START + HOUR + MINUTE)).granted).toBe(7);
  });

  it('are apart for each scope, length and target type', async () => {
    const rule = { requests: 1, perMs: HOUR };
    const scim = new LimitStore(database, 'scim');
    expect((await scim.reserve('a', rule, 1, START)).granted).toBe(1);
    expect((await scim.reserve('a', rule, 1, START)).granted).toBe(0);
    expect((await scim.reserve('b', rule, 1, START)).granted).toBe(1);
    expect((await scim.reserve('a', { requests: 1, perMs: 2 * HOUR }, 1, START)).granted).toBe(1);
    expect((await new LimitStore(database, 'google').reserve('a', rule, 1, START)).granted).toBe(1);
  });

  it('are not overspent by two who ask at once', async () => {
    const rule = { requests: 50, perMs: HOUR };
    const stores = [new LimitStore(database, 'scim'), new LimitStore(database, 'scim')];
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, index) => stores[index % 2]!.reserve('shared', rule, 5, START)),
    );
    expect(all.reduce((sum, one) => sum + one.granted, 0)).toBe(50);
  });
});
