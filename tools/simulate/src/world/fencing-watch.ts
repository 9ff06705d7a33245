import type { Fence } from '@provisor/persistence';
import type { Tables } from '../tables/tables.js';
import type { LocalStores } from './remote.js';

type Verdict = { readonly kind: string } | string;

/** Tells of every state write that a former owner got through. */
export function watchFencing(stores: LocalStores, tables: Tables, tell: (message: string) => void): LocalStores {
  const isStale = ({ partition, epoch }: { partition: number; epoch: number }): boolean =>
    tables.partitions.get(partition)?.epoch !== epoch;
  const watch = <I extends { readonly fence: Fence }, O extends Verdict>(items: readonly I[], verdicts: O[]): O[] => {
    items.forEach(({ fence }, index) => {
      const verdict = verdicts[index];
      const refused = verdict === 'fenced' || (typeof verdict === 'object' && verdict.kind === 'fenced');
      if (!refused && isStale(fence))
        tell(`${fence.spConnection} was written by a former owner, of epoch ${fence.epoch}.`);
    });
    return verdicts;
  };
  const { settle, edges, ingest } = stores;
  return {
    ...stores,
    settle: {
      recordIntents: (items) => watch(items, settle.recordIntents(items)),
      settle: (items, now) => watch(items, settle.settle(items, now)),
    },
    edges: {
      runnableOf: (keys, now) => edges.runnableOf(keys, now),
      runnableIn: (name, now, only) => edges.runnableIn(name, now, only),
      nextRetry: (name, now) => edges.nextRetry(name, now),
      membershipsOf: (group, limit, now) => edges.membershipsOf(group, limit, now),
      referencesOf: (objects, now) => edges.referencesOf(objects, now),
      settle: (items, now) => watch(items, edges.settle(items, now)),
    },
    ingest: {
      ingest: (request) => {
        const answer = ingest.ingest(request);
        if (isStale(request.ownership))
          tell(`Commands were taken in by a former owner of partition ${request.ownership.partition}.`);
        return answer;
      },
    },
  };
}
