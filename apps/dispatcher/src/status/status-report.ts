import type { Accounting, ConnectionCounts, EdgeStatus, ReconciliationStore, StatusStore } from '@provisor/persistence';
import type { Block } from '../engine/connection-gate.js';
import type { Outlook } from '../engine/outlook.js';
import { planOf, waitsOf } from './explain-object.js';
import { PacedAnswer } from './paced-answer.js';

/** What the owner knows of an SP connection that no table says. */
export interface LiveState {
  /** Undefined where nothing stops it, or another process owns it. */
  block(spConnection: string): Block | undefined;
  /** Undefined where another process owns it. */
  outlook(spConnection: string): Outlook | undefined;
}

/** State of one SP connection, as the admin API shows it. */
export interface ConnectionReport {
  readonly name: string;
  readonly limitScope: string;
  readonly partition: number;
  readonly paused: boolean;
  readonly pausedBy: string | null;
  readonly counts: {
    readonly desired: number;
    readonly applied: number;
    readonly pending: number;
    readonly done: number;
    readonly failed: number;
    readonly held: number;
    readonly skipped: number;
    readonly waitingMemberships: number;
    readonly heldMemberships: number;
  };
  readonly accounting: Accounting;
  /** Null with nothing pending. */
  readonly oldestPendingAgeMs: number | null;
  readonly quarantine: { code: string; cause?: string; remedy?: string; since: string; probeAt: string | null } | null;
  readonly throttledUntil: string | null;
  readonly block: { readonly kind: Block['kind']; readonly until?: string } | null;
}

export interface StatusReportOptions {
  readonly store: StatusStore;
  readonly live: LiveState;
  readonly seen: Pick<ReconciliationStore, 'seen'>;
  readonly now: () => number;
}

const MASKED = '[masked]';

/** What this dispatcher's SP connections and objects are at, in the terms of the admin API. */
export class StatusReport {
  readonly #o: StatusReportOptions;
  readonly #counts: PacedAnswer<ConnectionCounts[]>;

  constructor(options: StatusReportOptions) {
    this.#o = options;
    this.#counts = new PacedAnswer(() => options.store.connections(), options.now);
  }

  async connections(): Promise<{ spConnections: ConnectionReport[] }> {
    const counts = await this.#counts.get();
    return { spConnections: counts.map((one) => this.#connection(one)) };
  }

  #connection(counts: ConnectionCounts): ConnectionReport {
    const { desired, applied, pending, done, failed, held, skipped, quarantine, probeAt, throttledUntil } = counts;
    const { waitingEdges: waitingMemberships, heldMemberships, accounting } = counts;
    const block = this.#o.live.block(counts.spConnection);
    return {
      name: counts.spConnection,
      limitScope: counts.limitScope,
      partition: counts.partition,
      paused: counts.paused,
      pausedBy: counts.pausedBy,
      counts: { desired, applied, pending, done, failed, held, skipped, waitingMemberships, heldMemberships },
      accounting,
      oldestPendingAgeMs: pending === 0 ? null : Math.round(counts.oldestPendingAgeMs),
      quarantine:
        quarantine === null
          ? null
          : { ...quarantine, since: new Date(quarantine.since).toISOString(), probeAt: probeAt?.toISOString() ?? null },
      throttledUntil: throttledUntil?.toISOString() ?? null,
      block: block === undefined ? null : shownBlock(block),
    };
  }

  /** Everything about one object; undefined where it is not known. */
  async object(spConnection: string, objectId: string): Promise<Record<string, unknown> | undefined> {
    const status = await this.#o.store.object(spConnection, objectId);
    if (status === undefined) return undefined;
    const { object, hold } = status;
    const { live, now } = this.#o;
    const outlook = live.outlook(spConnection);
    const seen = await this.#o.seen.seen(spConnection, objectId);
    const waits = waitsOf(status, { block: live.block(spConnection), outlook, now: now() });
    return {
      spConnection,
      objectId,
      objectType: object.objectType,
      channel: object.channel,
      dataStore: object.dataStore,
      label: object.label,
      state: object.state === 'pending' && object.createIntended ? 'creating' : object.state,
      version: object.version,
      lane: object.lane,
      reason: object.reason,
      desired: { presence: object.desired.presence, attributes: shown(object.desired.attributes ?? {}, object.masked) },
      applied:
        object.applied === null
          ? null
          : { presence: object.applied.presence, attributes: shown(object.applied.attributes, object.masked) },
      seen: shownSeen(seen, object.masked),
      targetId: object.targetId,
      attempts: object.attempt,
      lastOutcome:
        object.lastOutcome === null
          ? null
          : { ...object.lastOutcome, at: new Date(object.lastOutcome.at).toISOString() },
      nextAttemptAt: object.state === 'pending' ? new Date(object.nextAttemptAt).toISOString() : null,
      waitsFor: UNDONE.has(object.state) ? (waits[0]?.what ?? null) : null,
      waits,
      plan: planOf(status, outlook) ?? null,
      hold: hold === null ? null : { ...hold, heldAt: hold.heldAt.toISOString() },
      occurredAt: new Date(object.occurredAt).toISOString(),
      mappedAt: new Date(object.mappedAt).toISOString(),
      desiredAt: status.desiredAt.toISOString(),
      appliedAt: status.appliedAt?.toISOString() ?? null,
      edges: status.edges.map(shownEdge),
    };
  }
}

/** States in which an object waits for something besides its edges. */
const UNDONE: ReadonlySet<string> = new Set(['pending', 'held', 'failed']);

const shownSeen = (seen: Awaited<ReturnType<ReconciliationStore['seen']>>, masked: readonly string[]) =>
  seen === undefined
    ? null
    : { presence: seen.presence, attributes: shown(seen.attributes, masked), at: seen.at.toISOString() };

const shownBlock = ({ kind, until }: Block) => ({
  kind,
  ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
});

const shown = (attributes: Readonly<Record<string, unknown>>, masked: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(attributes).map(([path, value]) => [
      path,
      masked.includes(path) || isSealed(value) ? MASKED : value,
    ]),
  );

const isSealed = (value: unknown): boolean => typeof value === 'object' && value !== null && 'sealed' in value;

const shownEdge = (edge: EdgeStatus) => ({
  memberId: edge.memberId,
  kind: edge.kind,
  otherId: edge.otherId,
  desired: edge.desired,
  applied: edge.applied,
  attempts: edge.attempt,
  code: edge.code,
  cause: edge.cause,
  waitsFor: waitOf(edge),
});

function waitOf(edge: EdgeStatus): string | null {
  if (edge.desired === edge.applied) return null;
  if (edge.code !== null) return 'its next attempt, or a person';
  if (edge.afterAccount) return 'the removal of the account';
  return edge.bothLinked ? 'its turn' : 'both ends to have an account';
}
