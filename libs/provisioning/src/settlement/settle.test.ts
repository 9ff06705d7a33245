import { durationMs } from '@provisor/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exampleDocument } from '../example/example.js';
import { settle } from './settle.js';

const { retry } = exampleDocument().spec.policy;
const attempt = { attempt: 1, firstAttemptAt: 1000, now: 1000, random: 0.5 };
const retryable = { kind: 'retryable', code: 'http.503' } as const;

describe('what an outcome leads to', () => {
  test('success is done, refusal is failed, a vanished account is linked anew', () => {
    expect(settle({ kind: 'applied', code: 'ok' }, attempt, retry)).toEqual({ kind: 'done' });
    expect(settle({ kind: 'unchanged', code: 'ok' }, attempt, retry)).toEqual({ kind: 'done' });
    expect(settle({ kind: 'rejected', code: 'http.400' }, attempt, retry)).toEqual({ kind: 'failed' });
    expect(settle({ kind: 'vanished', code: 'http.404' }, attempt, retry)).toEqual({ kind: 'relink' });
  });

  test('Retry-After is obeyed to the millisecond', () => {
    expect(settle({ ...retryable, retryAfterMs: 30_000 }, attempt, retry)).toEqual({ kind: 'retry', at: 31_000 });
    expect(settle({ ...retryable, retryAfterMs: 3_600_000 }, { ...attempt, attempt: 9 }, retry)).toEqual({
      kind: 'retry',
      at: 3_601_000,
    });
  });

  test("after the policy's time an object is given up", () => {
    const late = { ...attempt, attempt: 40, now: 1000 + durationMs(retry.giveUpAfter) };
    expect(settle(retryable, late, retry)).toEqual({ kind: 'failed' });
    expect(settle(retryable, { ...late, now: late.now - 1 }, retry).kind).toBe('retry');
  });

  test('a halted connection is probed later and later, never given up', () => {
    const halted = { kind: 'halted', code: 'http.401' } as const;
    expect(settle(halted, attempt, retry)).toEqual({ kind: 'halt', probeAt: 1750 });
    expect(settle(halted, { ...attempt, attempt: 1000, now: 9e12, random: 0 }, retry)).toEqual({
      kind: 'halt',
      probeAt: 9e12 + 150_000,
    });
  });
});

describe('laws', () => {
  const delay = (number: number, random: number): number => {
    const settlement = settle(retryable, { ...attempt, attempt: number, random }, retry);
    return settlement.kind === 'retry' ? settlement.at - attempt.now : Number.NaN;
  };

  test("later attempts wait no less, and never longer than the policy's maximum", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (number, random) => {
          expect(delay(number + 1, random)).toBeGreaterThanOrEqual(delay(number, random));
          expect(delay(number, random)).toBeLessThanOrEqual(durationMs(retry.max));
          expect(delay(number, random)).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });

  test('waits use the whole span below the ceiling', () => {
    expect(delay(3, 0)).toBe(0);
    expect(delay(3, 0.999)).toBe(3996);
  });
});
