import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeComparison, judgeDeletions, type ComparisonCounts, type HealthBounds } from './health-gate.js';

const bounds = { maxMissing: 50, maxMissingPercent: 10 };
const type = (users: number, groups = 0) => ({ users, groups });

/** A read during which nothing changed. */
const judge = (counts: Omit<ComparisonCounts, 'present'>, within: HealthBounds) =>
  judgeComparison({ ...counts, present: counts.known }, within);

describe('judgeComparison', () => {
  it('trusts what misses few, by number or by share', () => {
    expect(judge({ known: type(1000), read: type(950), missing: type(50), recent: 0 }, bounds).kind).toBe('trusted');
    expect(judge({ known: type(1000), read: type(900), missing: type(100), recent: 0 }, bounds).kind).toBe('trusted');
    expect(judge({ known: type(100), read: type(51), missing: type(49), recent: 0 }, bounds).kind).toBe('trusted');
    expect(judge({ known: type(0), read: type(0), missing: type(0), recent: 0 }, bounds).kind).toBe('trusted');
  });

  it('suspects what misses more than both bounds, and says so', () => {
    const verdict = judge({ known: type(1000, 40), read: type(880, 40), missing: type(120), recent: 0 }, bounds);
    expect(verdict).toMatchObject({ kind: 'suspect' });
    expect(verdict.kind === 'suspect' && verdict.words).toBe(
      'the full read missed 120 of 1040 known objects (120 users, 0 groups), more than 50 and 10 %',
    );
  });

  it('counts what was deleted shortly before, so that a mass cannot go in pieces', () => {
    const counts = { known: type(850), read: type(820), missing: type(30) };
    expect(judge({ ...counts, recent: 60 }, bounds).kind).toBe('trusted');
    const verdict = judge({ ...counts, recent: 90 }, bounds);
    expect(verdict).toMatchObject({
      kind: 'suspect',
      words:
        'the full read missed 30 of 850 known objects (30 users, 0 groups) after 90 that were deleted in a short time, more than 50 and 10 %',
    });
    expect(judge({ known: type(850), read: type(850), missing: type(0), recent: 900 }, bounds).kind).toBe('trusted');
  });

  it('takes the share of what is there after the read, and of what was deleted shortly before, each counted once', () => {
    // Ninety of a thousand were deleted during the read, which misses eleven more.
    const counts = { known: type(1000), present: type(910), read: type(899), missing: type(11), recent: 90 };
    expect(judgeComparison(counts, bounds).kind).toBe('suspect');
    expect(judgeComparison({ ...counts, missing: type(10) }, bounds).kind).toBe('trusted');
  });

  it('suspects emptiness of either type, however few are known and whatever the bounds', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 1000 }), fc.boolean(), (maxMissing, known, users) => {
        const some = users ? type(known, 5) : type(5, known);
        const read = users ? type(0, 5) : type(5, 0);
        const missing = users ? type(known) : type(0, known);
        expect(judge({ known: some, read, missing, recent: 0 }, { maxMissing, maxMissingPercent: 100 }).kind).toBe(
          'suspect',
        );
      }),
    );
  });

  it('never trusts more missing objects after it has suspected fewer', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.nat(5000), fc.nat(5000), (known, a, b) => {
        const [fewer, more] = [Math.min(a, b, known), Math.min(Math.max(a, b), known)];
        const verdict = (missing: number) =>
          judge({ known: type(known), read: type(known - missing), missing: type(missing), recent: 0 }, bounds).kind;
        expect(verdict(fewer) === 'suspect' && verdict(more) === 'trusted').toBe(false);
      }),
    );
  });
});

describe('judgeDeletions', () => {
  it('counts over the window', () => {
    expect(judgeDeletions({ asked: 1, recent: 0, present: 10 }, bounds).kind).toBe('trusted');
    expect(judgeDeletions({ asked: 50, recent: 0, present: 100 }, bounds).kind).toBe('trusted');
    expect(judgeDeletions({ asked: 51, recent: 0, present: 100 }, bounds).kind).toBe('suspect');
    expect(judgeDeletions({ asked: 1, recent: 50, present: 100 }, bounds).kind).toBe('suspect');
    expect(judgeDeletions({ asked: 1, recent: 50, present: 1000 }, bounds).kind).toBe('trusted');
    expect(judgeDeletions({ asked: 0, recent: 500, present: 100 }, bounds).kind).toBe('trusted');
  });
});
