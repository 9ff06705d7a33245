import { describe, expect, it } from 'vitest';
import { PrioritySlots } from './priority-slots.js';

describe('PrioritySlots', () => {
  it('gives a free slot to the most urgent lane that waits', async () => {
    const slots = new PrioritySlots(1);
    await slots.take('bulk', 'sp');
    const order: string[] = [];
    const waiting = (['bulk', 'delta', 'leaver'] as const).map((lane) =>
      slots.take(lane, 'sp').then(() => order.push(lane)),
    );
    for (let given = 0; given < 3; given += 1) {
      slots.give();
      await Promise.race(waiting.slice());
      await Promise.resolve();
    }
    await Promise.all(waiting);
    expect(order).toEqual(['leaver', 'delta', 'bulk']);
  });

  it('keeps a reserve free of bulk work', () => {
    const slots = new PrioritySlots(16);
    let bulk = 0;
    while (slots.tryTake('bulk')) bulk += 1;
    expect(bulk).toBe(14);
    expect(slots.tryTake('delta')).toBe(true);
    expect(slots.tryTake('leaver')).toBe(true);
    expect(slots.tryTake('leaver')).toBe(false);
  });

  it('lets bulk work go on with a single slot', () => {
    expect(new PrioritySlots(1).tryTake('bulk')).toBe(true);
  });
});
