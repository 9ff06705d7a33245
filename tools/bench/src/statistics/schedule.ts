import type { Random } from '@provisor/demo';

/**
 * Moments of a Poisson process, in milliseconds from its start: an open loop, in which load arrives whether or not what came before is
 * finished.
 */
export function poissonSchedule(random: Random, o: { readonly perSecond: number; readonly seconds: number }): number[] {
  const moments: number[] = [];
  const end = o.seconds * 1000;
  for (let at = gap(random, o.perSecond); at < end; at += gap(random, o.perSecond)) moments.push(at);
  return moments;
}

const gap = (random: Random, perSecond: number): number => (-Math.log(1 - random.next()) / perSecond) * 1000;

/** Numbers below `count`, of which the first ones come up most: the n-th as often as 1/n says (Zipf with exponent 1). */
export function zipf(random: Random, count: number): () => number {
  const cumulative = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank += 1) cumulative[rank] = sum += 1 / (rank + 1);
  return () => {
    const wanted = random.next() * sum;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulative[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
