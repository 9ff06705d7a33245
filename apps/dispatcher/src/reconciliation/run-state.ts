import type { ObjectType } from '@provisor/contracts';
import type { ReconciliationRun, RunSample } from '@provisor/persistence';

/** So many findings of each kind are told one by one. */
export const SAMPLES_PER_KIND = 20;

export type CountName =
  | 'accounts'
  | 'asWritten'
  | 'drifted'
  | 'repaired'
  | 'missing'
  | 'plannedAgain'
  | 'unknown'
  | 'adopted'
  | 'inWork'
  | 'members'
  | 'membersMissing'
  | 'membersAgain'
  | 'membersUnknown'
  | 'membersRemoved'
  | 'restarts';

/** The run with more counted. */
export function counted(run: ReconciliationRun, more: Partial<Record<CountName, number>>): ReconciliationRun {
  const counts: Record<string, number> = { ...run.counts };
  for (const [name, by] of Object.entries(more)) counts[name] = (counts[name] ?? 0) + by;
  return { ...run, counts };
}

/** The run with something to be told; the first cause is the one that counts. */
export const told = (run: ReconciliationRun, cause: string | undefined): ReconciliationRun =>
  cause === undefined || run.cause !== null ? run : { ...run, cause };

/** The run with samples, as far as there is room for their kind. */
export function sampled(run: ReconciliationRun, more: readonly RunSample[]): ReconciliationRun {
  const samples = [...run.samples];
  for (const sample of more)
    if (samples.filter(({ kind }) => kind === sample.kind).length < SAMPLES_PER_KIND) samples.push(sample);
  return { ...run, samples };
}

export function ended(
  run: ReconciliationRun,
  state: 'done' | 'incomplete' | 'failed',
  o: { now: number; cause?: string },
): ReconciliationRun {
  return { ...run, state, finishedAt: new Date(o.now), cause: o.cause ?? run.cause };
}

/** A list that ends before its end so often never comes to it. */
const MOST_RESTARTS = 3;

/** The run from its beginning, because half of a list proves nothing; failed where that was tried often enough. */
export function begunAnew(run: ReconciliationRun, o: { now: number; cause: string }): ReconciliationRun {
  const { restarts = 0 } = run.counts;
  if (restarts >= MOST_RESTARTS) return ended(run, 'failed', o);
  return {
    ...run,
    startedAt: new Date(o.now),
    cause: null,
    position: {},
    counts: { restarts: restarts + 1 },
    samples: [],
  };
}

/** The run with what the target has shown of one object type. */
export function shownMore(run: ReconciliationRun, objectType: ObjectType, paths: Iterable<string>): ReconciliationRun {
  const known = run.shown[objectType] ?? [];
  const all = new Set([...known, ...paths]);
  return all.size === known.length ? run : { ...run, shown: { ...run.shown, [objectType]: [...all].sort() } };
}
