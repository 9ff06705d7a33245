import type { ReconciliationRun, ReconciliationStore } from '@provisor/persistence';

const USUAL = 20;
const MOST = 100;

export type ShownRun = ReturnType<typeof shownRun>;

/** Reconciliations of one SP connection, as the admin API shows them. */
export class ReconciliationReport {
  readonly #store: Pick<ReconciliationStore, 'list'>;

  constructor(store: Pick<ReconciliationStore, 'list'>) {
    this.#store = store;
  }

  /** The newest first; `query` may name `limit`. */
  async list(spConnection: string, query: URLSearchParams): Promise<{ reconciliations: ShownRun[] }> {
    const asked = Number(query.get('limit') ?? USUAL);
    const limit = Number.isInteger(asked) && asked > 0 ? Math.min(MOST, asked) : USUAL;
    return { reconciliations: (await this.#store.list(spConnection, limit)).map(shownRun) };
  }
}

const shownRun = (run: ReconciliationRun) => ({
  id: run.id,
  spConnection: run.spConnection,
  objectId: run.objectId,
  scheduled: run.scheduled,
  repair: run.repair,
  requestedBy: run.requestedBy,
  requestedAt: run.requestedAt.toISOString(),
  startedAt: run.startedAt?.toISOString() ?? null,
  finishedAt: run.finishedAt?.toISOString() ?? null,
  state: run.state,
  cause: run.cause,
  progress: {
    objectType: run.position.objectType ?? null,
    listed: run.position.listed ?? 0,
    total: run.position.total ?? null,
  },
  counts: run.counts,
  samples: run.samples,
  requests: run.requests,
});
