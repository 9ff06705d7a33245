import { describe, expect, it } from 'vitest';
import { Limiter } from './limiter.js';

describe('Limiter', () => {
  it('lets no more run than it may, serves all in order, and goes on after a failure', async () => {
    const limiter = new Limiter(2);
    let running = 0;
    let most = 0;
    const begun: number[] = [];
    const works = Array.from({ length: 10 }, (_, n) =>
      limiter.run(async () => {
        begun.push(n);
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        if (n === 3) throw new Error('three');
        return n;
      }),
    );
    const answers = await Promise.allSettled(works);
    expect(most).toBe(2);
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(answers.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  });
});
