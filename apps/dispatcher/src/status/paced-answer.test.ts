import { describe, expect, it } from 'vitest';
import { PacedAnswer } from './paced-answer.js';

describe('PacedAnswer', () => {
  it('is shared while it is asked for and for nine times as long as it took', async () => {
    let now = 0;
    let asked = 0;
    const answer = new PacedAnswer(
      async () => {
        asked += 1;
        const number = asked;
        await Promise.resolve();
        now += 100;
        return number;
      },
      () => now,
    );
    expect(await Promise.all([answer.get(), answer.get()])).toEqual([1, 1]);
    now += 899;
    expect(await answer.get()).toBe(1);
    now += 1;
    expect(await answer.get()).toBe(2);
  });

  it('is asked for again after a failure', async () => {
    let fails = true;
    const answer = new PacedAnswer(
      async () => {
        if (fails) throw new Error('away');
        return 'there';
      },
      () => 0,
    );
    await expect(answer.get()).rejects.toThrow('away');
    fails = false;
    expect(await answer.get()).toBe('there');
  });
});
