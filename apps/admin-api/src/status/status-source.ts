import { z } from 'zod';

const count = z.int().nonnegative();

/** What the dispatcher that owns an SP connection says of it. Parsed leniently: a newer dispatcher may say more. */
export const connectionState = z.object({
  name: z.string(),
  paused: z.boolean().default(false),
  pausedBy: z.string().nullish(),
  counts: z
    .object({
      desired: count,
      applied: count,
      pending: count,
      failed: count,
      held: count,
      skipped: count.optional(),
      waitingMemberships: count.optional(),
      heldMemberships: count.optional(),
    })
    .optional(),
  /** What became of every version that was taken in. */
  accounting: z
    .object({
      accepted: count,
      succeeded: count,
      failed: count,
      dead: count,
      superseded: count,
      skipped: count,
      held: count,
      pending: count,
      difference: z.int(),
    })
    .optional(),
  /** Age in milliseconds of the oldest change that is not at the target yet; null when there is none. */
  oldestPendingAgeMs: z.number().nonnegative().nullish(),
  quarantine: z
    .object({
      code: z.string().optional(),
      cause: z.string().optional(),
      remedy: z.string().optional(),
      since: z.string().optional(),
      probeAt: z.string().nullish(),
    })
    .nullish(),
  throttledUntil: z.string().nullish(),
  /** What keeps the dispatcher from calling at all. */
  block: z.object({ kind: z.string(), until: z.string().optional() }).nullish(),
});
export type ConnectionState = z.infer<typeof connectionState>;

/** What the dispatchers said, and which of them did not answer. */
export interface DispatcherAnswers {
  readonly states: ReadonlyMap<string, ConnectionState>;
  /** A sentence for each dispatcher that did not answer. */
  readonly silent: readonly string[];
}

export type ObjectAnswer =
  | { readonly kind: 'known'; readonly state: Readonly<Record<string, unknown>> }
  | { readonly kind: 'not-known' }
  | { readonly kind: 'no-answer'; readonly reason: string };

/** Names the source of statuses for injection. */
export const STATUS_SOURCE = Symbol('StatusSource');

/** Where the present state of SP connections comes from: the dispatchers over HTTP, or in the same process. */
export interface StatusSource {
  /** Never rejects: what is not known is said. */
  connections(): Promise<DispatcherAnswers>;
  object(spConnection: string, objectId: string): Promise<ObjectAnswer>;
  /** What the guards of an SP connection have stopped; `query` is handed on as it is. */
  holds(spConnection: string, query: URLSearchParams): Promise<ObjectAnswer>;
  /** Comparisons of an SP connection with its target, the newest first. */
  reconciliations(spConnection: string, query: URLSearchParams): Promise<ObjectAnswer>;
}
