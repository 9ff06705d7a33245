import { document, type ConfigurationRecord } from '@provisor/contracts';
import { silentLogger } from '@provisor/telemetry';
import { describe, expect, it } from 'vitest';
import { channel } from '../examples.fixture.js';
import { ConnectionCatalog } from './connection-catalog.js';

function record(version: number, spec: Record<string, unknown> = {}): ConfigurationRecord {
  const target = { type: 'scim', baseUrl: 'https://scim.example/v2', auth: { type: 'none' } };
  return {
    version,
    document: document.parse({
      apiVersion: 'provisor/v1',
      kind: 'SpConnection',
      metadata: { name: 'slack' },
      spec: { target, channels: [channel()], ...spec },
    }),
    appliedAt: '2026-01-01T00:00:00Z',
    appliedBy: 'test',
  };
}
const catalogOf = (canSeal = false) => new ConnectionCatalog({ log: silentLogger, canSeal });

describe('ConnectionCatalog', () => {
  it('takes newer versions only, and keeps a snapshot that was taken', () => {
    const catalog = catalogOf();
    catalog.take('SpConnection/slack', record(4));
    const before = catalog.current;
    catalog.take('SpConnection/slack', record(3));
    expect(catalog.current.entries.get('slack')?.version).toBe(4);
    catalog.take('SpConnection/slack', record(5, { channels: [channel({ dataStore: 'other' })] }));
    expect([...before.byDataStore.keys()]).toEqual(['corp']);
    expect([...catalog.current.byDataStore.keys()]).toEqual(['other']);
  });

  it('forgets a removed connection and remembers that it was removed', () => {
    const catalog = catalogOf();
    catalog.take('SpConnection/slack', record(4));
    catalog.take('SpConnection/slack', null);
    catalog.take('DataStore/corp', null);
    expect(catalog.current.entries.size).toBe(0);
    expect([...catalog.current.removed]).toEqual(['slack']);
    catalog.take('SpConnection/slack', record(5));
    expect(catalog.current.removed.size).toBe(0);
  });

  it('names what is wrong with a document that cannot be used', () => {
    const catalog = catalogOf();
    catalog.take('SpConnection/slack', record(1, { channels: [channel({ users: { filter: '(uid=' } })] }));
    expect(catalog.current.entries.get('slack')).toMatchObject({ connection: undefined });
    expect(catalog.current.entries.get('slack')?.problem).toContain('channels[0].users.filter');
    expect(catalog.current.byDataStore.size).toBe(0);
  });

  it('needs a key for masked values, but not for generated ones', () => {
    const masked = { channels: [channel({ attributes: { userName: 'uid', title: { source: 'x', masked: true } } })] };
    const generated = { channels: [channel({ attributes: { userName: 'uid', password: { generate: {} } } })] };
    const state = (canSeal: boolean, spec: Record<string, unknown>) => {
      const catalog = catalogOf(canSeal);
      catalog.take('SpConnection/slack', record(1, spec));
      return catalog.current.entries.get('slack')?.problem;
    };
    expect(state(false, masked)).toContain('PROVISOR_KEY');
    expect(state(true, masked)).toBeUndefined();
    expect(state(false, generated)).toBeUndefined();
  });
});
