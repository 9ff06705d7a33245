import { z } from 'zod';

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

/** Reads the state of the data stores from the health report of change capture. */
export function httpCaptureSource(url: string, request: typeof fetch = fetch): CaptureSource {
  const host = new URL(url).host;
  return {
    dataStores: async () => {
      try {
        const response = await request(new URL('/health/ready', url), {
          redirect: 'error',
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        const parsed = health.safeParse(await response.json());
        if (!parsed.success) return { states: new Map() };
        return { states: new Map(Object.entries(parsed.data.details.dataStores).map(toState)) };
      } catch {
        return { states: new Map(), silent: `Change capture at ${host} does not answer.` };
      }
    },
  };
}

function toState([name, { state, reason, ...details }]: [string, { state: string; reason?: string | undefined }]): [
  string,
  DataStoreState,
] {
  return [name, { state, ...(reason === undefined ? {} : { reason }), details }];
}
