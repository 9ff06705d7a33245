import type { ProvisioningResult } from '@provisor/contracts';
import type { ObjectStore, ObjectSummary, ResultStore } from '@provisor/persistence';
import type { StatusSource } from '../status/status-source.js';

export interface Timeline {
  readonly spConnection: string;
  readonly objectId: string;
  readonly label?: string;
  readonly summary?: ObjectSummary;
  readonly current: {
    readonly known: boolean;
    readonly reason?: string;
    readonly state?: Readonly<Record<string, unknown>>;
  };
  readonly results: readonly ProvisioningResult[];
  readonly earlier?: string;
}

/** Tells the story of one object: what the results say happened, and what the dispatcher says is the case now. */
export class Timelines {
  readonly #results: ResultStore;
  readonly #objects: ObjectStore;
  readonly #dispatchers: StatusSource;

  constructor(o: { results: ResultStore; objects: ObjectStore; dispatchers: StatusSource }) {
    this.#results = o.results;
    this.#objects = o.objects;
    this.#dispatchers = o.dispatchers;
  }

  /** Undefined where nobody has heard of the object. */
  async of(spConnection: string, objectId: string, limit: number): Promise<Timeline | undefined> {
    const [found, summary, answer] = await Promise.all([
      this.#results.list({ spConnection, objectId, order: 'newest-first', limit: limit + 1 }),
      this.#objects.find(spConnection, objectId),
      this.#dispatchers.object(spConnection, objectId),
    ]);
    if (found.length === 0 && !summary && answer.kind !== 'known') return undefined;
    const told = found.slice(0, limit);
    const label = summary?.label ?? told.find(({ result }) => result.label !== undefined)?.result.label;
    return {
      spConnection,
      objectId,
      ...(label === undefined ? {} : { label }),
      ...(summary ? { summary } : {}),
      current: currentOf(answer),
      results: told.toReversed().map(({ result }) => result),
      ...(found.length > limit ? { earlier: told.at(-1)?.seq ?? '0' } : {}),
    };
  }
}

function currentOf(answer: Awaited<ReturnType<StatusSource['object']>>): Timeline['current'] {
  if (answer.kind === 'known') return { known: true, state: answer.state };
  if (answer.kind === 'no-answer') return { known: false, reason: answer.reason };
  return { known: true, reason: 'The dispatcher does not know this object at this SP connection.' };
}
