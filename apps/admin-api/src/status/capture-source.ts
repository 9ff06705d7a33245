import { z } from 'zod';
import { replicasOf } from './replicas.js';

/** State of a data store as change capture tells it. */
export interface DataStoreState {
  readonly state: string;
  readonly reason?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface CaptureAnswer {
  readonly states: ReadonlyMap<string, DataStoreState>;
  /** A sentence when change capture did not answer. */
  readonly silent?: string;
}

export interface CaptureSource {
  /** Never rejects. */
  dataStores(): Promise<CaptureAnswer>;
}

/** For an installation that did not say where change capture is. */
export const noCaptureSource: CaptureSource = {
  dataStores: async () => ({ states: new Map() }),
};

const TIMEOUT_MS = 3000;
const health = z.object({
  details: z.object({
    dataStores: z.record(z.string(), z.looseObject({ state: z.string(), reason: z.string().optional() })),
  }),
});

/** Reads the state of the data stores from the health reports of change capture, of all its replicas. */
export function httpCaptureSource(
  url: string,
  o: { fetch?: typeof fetch; replicasOf?: typeof replicasOf } = {},
): CaptureSource {
  const { fetch: request = fetch, replicasOf: replicas = replicasOf } = o;
  return {
    dataStores: async () => {
      const reports = await Promise.all((await replicas(url)).map((replica) => reportOf(replica, request)));
      const states = new Map<string, DataStoreState>();
      for (const report of reports)
        if (report !== undefined) for (const [name, state] of report) merge(states, name, state);
      const silent = reports.every((report) => report === undefined);
      return { states, ...(silent && { silent: `Change capture at ${new URL(url).host} does not answer.` }) };
    },
  };
}

/** Undefined where nobody answers. */
async function reportOf(url: string, request: typeof fetch): Promise<readonly [string, DataStoreState][] | undefined> {
  try {
    const response = await request(new URL('/health/ready', url), {
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const parsed = health.safeParse(await response.json());
    return parsed.success ? Object.entries(parsed.data.details.dataStores).map(toState) : [];
  } catch {
    return undefined;
  }
}

/** One replica captures a data store, and the others stand by: what they say is of no interest beside it. */
function merge(states: Map<string, DataStoreState>, name: string, state: DataStoreState): void {
  const known = states.get(name);
  if (known === undefined || known.state === 'standby') states.set(name, state);
}

function toState([name, { state, reason, ...details }]: [string, { state: string; reason?: string | undefined }]): [
  string,
  DataStoreState,
] {
  return [name, { state, ...(reason === undefined ? {} : { reason }), details }];
}
