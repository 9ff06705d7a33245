import { describe, expect, it } from 'vitest';
import { Slots } from './slots.js';

describe('Slots', () => {
  it('gives out no more places than there are', () => {
    const slots = new Slots(2);
    expect([slots.tryTake(), slots.tryTake(), slots.tryTake()]).toEqual([true, true, false]);
    slots.give();
    expect(slots.tryTake()).toBe(true);
  });

  it('calls those who waited in their order, and passes over one who needs no place', () => {
    const slots = new Slots(1);
    const called: string[] = [];
    slots.tryTake();
    slots.wait(() => called.push('idle'));
    slots.wait(() => {
      slots.tryTake();
      called.push('busy');
    });
    slots.wait(() => called.push('later'));
    slots.give();
    expect(called).toEqual(['idle', 'busy']);
    slots.give();
    expect(called).toEqual(['idle', 'busy', 'later']);
  });
});
