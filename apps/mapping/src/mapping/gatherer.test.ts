import { describe, expect, it } from 'vitest';
import { Gatherer } from './gatherer.js';

type Work = ReadonlyMap<number, readonly string[]>;

function gatherer(o: { concurrency?: number; most?: number; work?: (work: Work) => Promise<void> } = {}) {
  const works: Record<number, readonly string[]>[] = [];
  const { work = () => Promise.resolve() } = o;
  const gathering = new Gatherer<string>({
    concurrency: o.concurrency ?? 1,
    most: o.most ?? 100,
    work: async (byPartition) => {
      works.push(Object.fromEntries(byPartition));
      await work(byPartition);
    },
  });
  return { gathering, works };
}

describe('Gatherer', () => {
  it('carries out together what partitions bring at the same time, and while it works', async () => {
    const first = Promise.withResolvers<void>();
    const { gathering, works } = gatherer({ work: (work) => (work.has(1) ? first.promise : Promise.resolve()) });
    const answers = [gathering.run(1, ['a']), gathering.run(2, ['b', 'c'])];
    await new Promise((resolve) => setImmediate(resolve));
    answers.push(gathering.run(3, ['d']), gathering.run(4, ['e']));
    await new Promise((resolve) => setImmediate(resolve));
    expect(works).toEqual([{ 1: ['a'], 2: ['b', 'c'] }]);
    first.resolve();
    await Promise.all(answers);
    expect(works).toEqual([
      { 1: ['a'], 2: ['b', 'c'] },
      { 3: ['d'], 4: ['e'] },
    ]);
  });

  it('keeps one work small, but takes a large batch of one partition whole', async () => {
    const { gathering, works } = gatherer({ most: 2 });
    await Promise.all([gathering.run(1, ['a']), gathering.run(2, ['b']), gathering.run(3, ['c', 'd', 'e'])]);
    expect(works).toEqual([{ 1: ['a'], 2: ['b'] }, { 3: ['c', 'd', 'e'] }]);
  });

  it('lets no more works run than it may', async () => {
    let running = 0;
    let most = 0;
    const { gathering } = gatherer({
      concurrency: 2,
      most: 1,
      work: async () => {
        most = Math.max(most, (running += 1));
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
      },
    });
    await Promise.all([1, 2, 3, 4, 5].map((partition) => gathering.run(partition, ['x'])));
    expect(most).toBe(2);
  });

  it('tells only the partition at fault', async () => {
    const { gathering } = gatherer({
      work: (work) => (work.has(2) ? Promise.reject(new Error('two')) : Promise.resolve()),
    });
    const answers = await Promise.allSettled([1, 2, 3].map((partition) => gathering.run(partition, ['x'])));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await gathering.run(1, ['y']);
  });
});
