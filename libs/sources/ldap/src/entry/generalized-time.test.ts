import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatGeneralizedTime, parseGeneralizedTime } from './generalized-time.js';

const at = (text: string) => parseGeneralizedTime(text)?.at.toISOString();

describe('parseGeneralizedTime', () => {
  it('reads what RFC 4517 allows', () => {
    expect(at('20260102030405Z')).toBe('2026-01-02T03:04:05.000Z');
    expect(at('20260102030405.25Z')).toBe('2026-01-02T03:04:05.250Z');
    expect(at('202601020304Z')).toBe('2026-01-02T03:04:00.000Z');
    expect(at('2026010203.5Z')).toBe('2026-01-02T03:30:00.000Z');
    expect(at('20260102030405+0130')).toBe('2026-01-02T01:34:05.000Z');
    expect(at('20260102030405,5-05')).toBe('2026-01-02T08:04:05.500Z');
  });

  it('knows whether it is finer than a second', () => {
    expect(parseGeneralizedTime('20260102030405.000Z')?.subSecond).toBe(true);
    expect(parseGeneralizedTime('20260102030405Z')?.subSecond).toBe(false);
    expect(parseGeneralizedTime('2026010203.5Z')?.subSecond).toBe(false);
  });

  it('refuses anything else', () => {
    for (const text of ['', 'now', '2026-01-02T03:04:05Z', '20261302030405Z', '20260102030405'])
      expect(at(text)).toBeUndefined();
  });

  it('reads back what is formatted, to the second', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1970-01-01'), max: new Date('9999-01-01'), noInvalidDate: true }),
        (date) => {
          const seconds = Math.floor(date.getTime() / 1000) * 1000;
          expect(parseGeneralizedTime(formatGeneralizedTime(date))?.at.getTime()).toBe(seconds);
        },
      ),
    );
  });
});
