import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planRequests, RecordTooLargeError, wireBytes } from './send-plan.js';

const record = (key: string, bytes: number) => ({ topic: 't', key, value: 'x'.repeat(bytes) });

describe('planRequests', () => {
  it('keeps order and the limit, and loses nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 2000 })), (sizes) => {
        const records = sizes.map((size, index) => record(String(index), size));
        const requests = planRequests(records, 10_000, 3000);
        expect(requests.flat()).toEqual(records);
        for (const request of requests)
          if (request.length > 1) expect(request.reduce((sum, r) => sum + wireBytes(r), 0)).toBeLessThanOrEqual(3000);
      }),
    );
  });

  it('refuses a record that no topic takes', () => {
    expect(() => planRequests([record('a', 20_000)], 10_000)).toThrow(RecordTooLargeError);
  });

  it('counts text in UTF-8', () => {
    expect(wireBytes({ topic: 't', key: 'ä', value: '€' })).toBe(64 + 2 + 3);
  });
});
