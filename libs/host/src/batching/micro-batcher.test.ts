import { describe, expect, it } from 'vitest';
import { FakeClock } from '@provisor/testing';
import { MicroBatcher } from './micro-batcher.js';

const doubling = async (items: readonly number[]): Promise<number[]> => items.map((item) => item * 2);

describe('MicroBatcher', () => {
  it('collects what comes within the delay into one batch', async () => {
    const clock = new FakeClock();
    const batches: number[] = [];
    const batcher = new MicroBatcher<number, number>({
      maxItems: 10,
      delayMs: () => 5,
      clock,
      run: async (items) => (batches.push(items.length), doubling(items)),
      onError: () => 'again',
    });
    const answers = [batcher.add(1), batcher.add(2)];
    await clock.advance(3);
    answers.push(batcher.add(3));
    await clock.advance(5);
    expect(await Promise.all(answers)).toEqual([2, 4, 6]);
    expect(batches).toEqual([3]);
  });

  it('does not wait for more when a batch is full', async () => {
    const clock = new FakeClock();
    const batches: number[] = [];
    const batcher = new MicroBatcher<number, number>({
      maxItems: 2,
      delayMs: () => 1_000_000,
      clock,
      run: async (items) => (batches.push(items.length), doubling(items)),
      onError: () => 'again',
    });
    await Promise.all([1, 2, 3, 4].map((item) => batcher.add(item)));
    expect(batches).toEqual([2, 2]);
  });

  it('counts large items for what they are, and takes one that is too large alone', async () => {
    const batches: string[][] = [];
    const batcher = new MicroBatcher<string, undefined>({
      maxItems: 4,
      sizeOf: (text) => text.length,
      delayMs: () => 0,
      clock: new FakeClock(),
      run: async (texts) => (batches.push([...texts]), texts.map(() => undefined)),
      onError: () => 'one-by-one',
    });
    await Promise.all(['aa', 'bb', 'c', 'ddddddd', 'e', 'f'].map((text) => batcher.add(text)));
    expect(batches).toEqual([['aa', 'bb'], ['c'], ['ddddddd'], ['e', 'f']]);
  });

  it('does not let an urgent item wait for patient ones', async () => {
    const clock = new FakeClock();
    const batcher = new MicroBatcher<number, number>({
      maxItems: 10,
      delayMs: (item) => (item === 7 ? 1 : 50),
      clock,
      run: doubling,
      onError: () => 'again',
    });
    const answers = [batcher.add(1)];
    await clock.advance(10);
    answers.push(batcher.add(7));
    await clock.advance(1);
    expect(await Promise.all(answers)).toEqual([2, 14]);
  });

  it('repeats a batch after passing trouble and answers in the end', async () => {
    const clock = new FakeClock();
    let failures = 3;
    const batcher = new MicroBatcher<number, number>({
      maxItems: 10,
      delayMs: () => 0,
      clock,
      run: async (items) => {
        if (failures-- > 0) throw new Error('away');
        return doubling(items);
      },
      onError: () => 'again',
    });
    const answer = batcher.add(4);
    await clock.advance(10_000);
    expect(await answer).toBe(8);
  });

  it('lets a bad item fail alone', async () => {
    const clock = new FakeClock();
    const batcher = new MicroBatcher<number, number>({
      maxItems: 10,
      delayMs: () => 0,
      clock,
      run: async (items) => {
        if (items.includes(13)) throw new Error('unlucky');
        return doubling(items);
      },
      onError: () => 'one-by-one',
    });
    const answers = await Promise.allSettled([1, 13, 2].map((item) => batcher.add(item)));
    expect(answers.map((answer) => answer.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await batcher.idle();
    expect(batcher.pending).toBe(0);
  });
});
