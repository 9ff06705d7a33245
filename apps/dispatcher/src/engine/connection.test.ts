import type { Lane } from '@provisor/contracts';
import type { ConnectionState, TargetObject } from '@provisor/persistence';
import { expect, test } from 'vitest';
import type { TargetSession } from '../delivery/target-session.js';
import { Connection, type ConnectionParts } from './connection.js';

const NOW = 1_000_000;
const state: ConnectionState = {
  spConnection: 'sp',
  limitScope: 'sp',
  partition: 0,
  paused: false,
  quarantine: null,
  probeAt: null,
};

const object = (n: number, lane: Lane): TargetObject =>
  ({
    spConnection: 'sp',
    objectId: `${lane}-${n}`,
    objectType: 'user',
    lane,
    state: 'pending',
    targetId: null,
    desired: { presence: 'active' },
    reason: 'in-scope',
    version: { sequence: 1, config: 1 },
    nextAttemptAt: NOW,
  }) as unknown as TargetObject;

/** A connection whose target can be listed, with `objects` that have just come. */
function connectionWith(lane: Lane, objects: number, census = { valid: false, worthwhile: true }): Connection {
  const connection = new Connection({ state } as ConnectionParts);
  connection.gate.configure('active');
  connection.session = { description: { list: true }, census: () => census } as unknown as TargetSession;
  connection.work.lookAgain();
  if (lane === 'bulk') connection.sawBulk(NOW);
  connection.work.feed(
    Array.from({ length: objects }, (_, n) => object(n, lane)),
    new Set(),
  );
  return connection;
}

test('a bulk load waits a moment for company before its first object is looked up', () => {
  const connection = connectionWith('bulk', 3);
  expect(connection.ready('bulk', NOW)).toBe(false);
  expect(connection.wantsCensus(NOW)).toBeUndefined();
  expect(connection.ready('bulk', NOW + 300)).toBe(true);
});

test('a bulk load of which more keeps coming waits longer, but not for ever', () => {
  const connection = connectionWith('bulk', 3);
  for (let at = NOW; at < NOW + 2_000; at += 200) {
    connection.sawBulk(at);
    expect(connection.ready('bulk', at + 100)).toBe(false);
  }
  connection.sawBulk(NOW + 2_000);
  expect(connection.ready('bulk', NOW + 2_000)).toBe(true);
});

test('a bulk load that begins with several is given longer to go on', () => {
  const connection = connectionWith('bulk', 40);
  expect(connection.ready('bulk', NOW + 900)).toBe(false);
  expect(connection.ready('bulk', NOW + 1_100)).toBe(true);
});

test('many that have no account yet are worth a listing', () => {
  expect(connectionWith('bulk', 300).wantsCensus(NOW)).toBe('user');
});

test('single changes, and a load whose accounts are listed, go at once', () => {
  expect(connectionWith('delta', 3).ready('delta', NOW)).toBe(true);
  expect(connectionWith('bulk', 3, { valid: true, worthwhile: false }).ready('bulk', NOW)).toBe(true);
});
