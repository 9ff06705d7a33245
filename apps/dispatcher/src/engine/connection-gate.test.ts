import { describe, expect, it } from 'vitest';
import type { CallOutcome } from '@provisor/provisioning';
import { ConnectionGate } from './connection-gate.js';

const NOW = 1_700_000_000_000;
const halted: CallOutcome = { kind: 'halted', code: 'http.401', cause: 'The token is refused.' };
const applied: CallOutcome = { kind: 'applied', code: 'applied' };
const down: CallOutcome = { kind: 'retryable', code: 'http.503', systemic: true };
const at = (now: number) => ({ now, random: 0.999_999 });

function openGate(): ConnectionGate {
  const gate = new ConnectionGate();
  gate.configure('active');
  return gate;
}

describe('ConnectionGate', () => {
  it('lets nothing pass before there is a configuration, while inactive and while paused', () => {
    const gate = new ConnectionGate();
    expect(gate.block(NOW)?.kind).toBe('no-configuration');
    gate.configure('inactive');
    expect(gate.block(NOW)?.kind).toBe('inactive');
    gate.configure('active');
    gate.pause(true);
    expect(gate.block(NOW)?.kind).toBe('paused');
    gate.pause(false);
    expect(gate.block(NOW)).toBeUndefined();
  });

  it('is quarantined by a halt, probes one at a time and is released by an answer', () => {
    const gate = openGate();
    const change = gate.left(gate.pass(NOW), halted, at(NOW));
    expect(change.kind).toBe('quarantined');
    expect(gate.block(NOW)?.kind).toBe('quarantined');
    const later = NOW + 10_000;
    const probe = gate.pass(later);
    expect(gate.block(later)?.kind).toBe('quarantined');
    expect(gate.left(probe, applied, at(later)).kind).toBe('released');
    expect(gate.block(later)).toBeUndefined();
  });

  it('waits longer after each probe that fails, and tries new settings at once', () => {
    const gate = openGate();
    gate.left(gate.pass(NOW), halted, at(NOW));
    const first = (gate.block(NOW)?.until ?? 0) - NOW;
    const then = NOW + first;
    gate.left(gate.pass(then), halted, at(then));
    expect((gate.block(then)?.until ?? 0) - then).toBeGreaterThan(first);
    gate.configure('active');
    expect(gate.block(then)).toBeUndefined();
  });

  it('opens the breaker on systemic failures and reports the recovery', () => {
    const gate = openGate();
    const changes = Array.from({ length: 5 }, () => gate.left(gate.pass(NOW), down, at(NOW)).kind);
    expect(changes.at(-1)).toBe('opened');
    const until = gate.block(NOW)?.until ?? 0;
    expect(gate.block(until)).toBeUndefined();
    // Whoever looks while it may be probed is still told.
    expect(gate.trouble(until - 1)).toEqual({ kind: 'breaker-open', until });
    expect(gate.trouble(until)).toEqual({ kind: 'breaker-open' });
    expect(gate.left(gate.pass(until), applied, at(until)).kind).toBe('recovered');
    expect(gate.trouble(until)).toBeUndefined();
  });

  it('takes throttling for no answer about the service provider', () => {
    const gate = openGate();
    for (let i = 0; i < 20; i += 1)
      gate.left(gate.pass(NOW), { kind: 'retryable', code: 'http.429', throttled: true, systemic: true }, at(NOW));
    expect(gate.block(NOW)).toBeUndefined();
  });
});
