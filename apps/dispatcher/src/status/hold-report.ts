import { holdKind, type HoldKind } from '@provisor/contracts';
import type { HoldsEnd, HoldSelection, HoldStore, OpenHold } from '@provisor/persistence';

export type HoldReportStore = Pick<HoldStore, 'list'>;

/** Holds of one SP connection, as the admin API shows them. */
export interface HoldsReport {
  readonly spConnection: string;
  readonly total: number;
  readonly counts: Readonly<Record<HoldKind, number>>;
  readonly oldestSince: string | null;
  readonly holds: readonly ShownHold[];
  /** Where the next page begins; absent at the end. */
  readonly next?: string;
}

export type ShownHold = ReturnType<typeof shownHold>;

const MOST = 500;
const USUAL = 50;

/** Answers `GET /internal/sp-connections/<name>/holds`. */
export class HoldReport {
  readonly #store: HoldReportStore;

  constructor(store: HoldReportStore) {
    this.#store = store;
  }

  /** `query` may name `kind`, `objectId` (each several times), `groupId`, `limit` and `cursor`. Undefined where the name is not known. */
  async list(spConnection: string, query: URLSearchParams): Promise<HoldsReport | undefined> {
    const after = endOf(query.get('cursor'));
    const page = await this.#store.list(spConnection, selectionOf(query), {
      limit: limitOf(query.get('limit')),
      ...(after === undefined ? {} : { after }),
    });
    if (page === undefined) return undefined;
    return {
      spConnection,
      total: Object.values(page.counts).reduce((sum, count) => sum + count, 0),
      counts: page.counts,
      oldestSince: page.oldest?.toISOString() ?? null,
      holds: page.holds.map(shownHold),
      ...(page.end === undefined ? {} : { next: cursorOf(page.end) }),
    };
  }
}

function selectionOf(query: URLSearchParams): HoldSelection {
  const kinds = query.getAll('kind').flatMap((kind) => holdKind.safeParse(kind).data ?? []);
  const objectIds = query.getAll('objectId');
  return {
    ...(kinds.length === 0 ? {} : { kinds }),
    ...(objectIds.length === 0 ? {} : { objectIds }),
    groupId: query.get('groupId') ?? undefined,
  };
}

const limitOf = (text: string | null): number =>
  Math.min(MOST, Math.max(1, Math.trunc(Number(text ?? USUAL)) || USUAL));

const cursorOf = ({ since, objectId, groupId }: HoldsEnd): string =>
  Buffer.from(JSON.stringify([since, objectId, groupId])).toString('base64url');

/** A cursor that is none begins at the beginning. */
function endOf(cursor: string | null): HoldsEnd | undefined {
  if (cursor === null) return undefined;
  try {
    const [since, objectId, groupId] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    return typeof since === 'number' && typeof objectId === 'string' && typeof groupId === 'string'
      ? { since, objectId, groupId }
      : undefined;
  } catch {
    return undefined;
  }
}

const shownHold = (hold: OpenHold) => ({
  kind: hold.kind,
  objectId: hold.objectId,
  objectType: hold.objectType,
  ...(hold.label === null ? {} : { label: hold.label }),
  channel: hold.channel,
  ...(hold.groupId === null
    ? {}
    : { group: { objectId: hold.groupId, ...(hold.groupLabel === null ? {} : { label: hold.groupLabel }) } }),
  cause: hold.cause,
  since: hold.since.toISOString(),
  version: hold.version,
  reason: hold.reason,
  occurredAt: hold.occurredAt.toISOString(),
});
