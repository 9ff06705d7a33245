import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyQueues } from './key-queues.js';

describe('KeyQueues', () => {
  it('hands a key to one holder at a time, with all that waited', () => {
    const queues = new KeyQueues<number>();
    queues.add('a', 1);
    queues.add('a', 2);
    expect(queues.take(10)).toEqual({ key: 'a', items: [1, 2] });
    queues.add('a', 3);
    expect(queues.take(10)).toBeUndefined();
    queues.release('a');
    expect(queues.take(10)).toEqual({ key: 'a', items: [3] });
  });

  it('refuses to release what was not taken', () => {
    expect(() => new KeyQueues<number>().release('a')).toThrow(/not taken/);
  });

  it('keeps the order of every key, loses nothing and never has two holders of a key', () => {
    const action = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), key: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ kind: fc.constant('take' as const), max: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ kind: fc.constant('release' as const), at: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 400 }), (actions) => {
        const queues = new KeyQueues<number>();
        const held = new Set<string>();
        const added = new Map<string, number>();
        const seen = new Map<string, number>();
        const take = (max: number): boolean => {
          const taken = queues.take(max);
          if (taken === undefined) return false;
          expect(held.has(taken.key)).toBe(false);
          held.add(taken.key);
          for (const item of taken.items) {
            expect(item).toBe((seen.get(taken.key) ?? 0) + 1);
            seen.set(taken.key, item);
          }
          return true;
        };
        for (const step of actions) {
          if (step.kind === 'add') {
            const item = (added.get(step.key) ?? 0) + 1;
            added.set(step.key, item);
            queues.add(step.key, item);
          } else if (step.kind === 'take') take(step.max);
          else {
            const key = [...held][step.at % Math.max(held.size, 1)];
            if (key === undefined) continue;
            held.delete(key);
            queues.release(key);
          }
        }
        for (const key of held) queues.release(key);
        held.clear();
        while (take(3)) {
          for (const key of held) queues.release(key);
          held.clear();
        }
        expect(queues.queued).toBe(0);
        expect(seen).toEqual(new Map([...added].filter(([key]) => seen.has(key))));
        expect(seen.size).toBe(added.size);
      }),
    );
  });
});
