import { expect, test } from 'vitest';
import type { LiveChange, MeasuredChange } from '../changes/live-change.js';
import { verdict } from './report.js';

const change = (latencyMs: number | undefined): MeasuredChange => ({
  change: { kind: 'deletion', title: '', make: async () => undefined, arrived: async () => true } satisfies LiveChange,
  latencyMs,
  shownMs: latencyMs,
});
const comparison = { users: 950, groups: 40, memberships: 1234, differences: [] };

test('the verdict has the promised form; a change that did not arrive counts as failed', () => {
  const text = verdict({
    comparison,
    initialLoadSeconds: 12.345,
    failed: 1,
    changes: [change(10.4), change(20), change(undefined)],
  });
  expect(text).toBe(
    '{"users":950,"groups":40,"memberships":1234,"initialLoadSeconds":12.3,"changes":3,"latencyMs":{"p50":10,"p99":20},"failed":2}',
  );
});
