import { createHash } from 'node:crypto';
import type { CallContext, FoundAccountWithKeys, ListAnswer, ListRequest } from '@provisor/provisioning';
import { z } from 'zod';
import { outcomeOf, type ScimCode } from '../codes.js';
import type { Classified } from '../http/classify-answer.js';
import type { VendorProfile } from '../profile/vendor-profile.js';
import { getIgnoringCase, isRecord, textOf, type Json } from '../resource/json.js';
import { readAccount, readMembers } from '../resource/read-resource.js';
import { isOutcome, resourceOf, unsupportedType, type ReadSession } from '../scim-session.js';
import { resourcesOf } from './look-up.js';
import { matchKeysOfResource } from './match-keys.js';

/** Where a listing stands. Short fingerprints of the last page's ids tell a target that repeats itself. */
const position = z.strictObject({
  /** RFC 9865, as the target gave it. */
  next: z.string().optional(),
  startIndex: z.int().min(1),
  seen: z.int().nonnegative(),
  page: z.int().nonnegative(),
  last: z.array(z.string()),
  /** How many are asked for, where answers with as many as the profile says were too large. */
  count: z.int().min(1).optional(),
  /** With a cursor the target has taken another count than that of the page before. */
  anyCount: z.boolean().optional(),
});
export type ListPosition = z.infer<typeof position>;

const START: ListPosition = { startIndex: 1, seen: 0, page: 0, last: [] };
/** A target that never ends is cut off; at 100 a page this is ten million accounts. */
const MAX_PAGES = 100_000;
const FINGERPRINT = 8;

/** One page of everything that the target has. `total` is what the target says, so that an incomplete listing can be told. */
export async function listAccounts(
  session: ReadSession,
  request: ListRequest,
  context: CallContext,
): Promise<ListAnswer> {
  const profile = await session.profile(context);
  if (isOutcome(profile)) return { kind: 'failed', outcome: profile };
  const refused = unsupportedType(profile, request.objectType);
  if (refused !== undefined) return { kind: 'failed', outcome: refused };
  return listFrom(
    session,
    { ...request, profile, at: request.cursor === undefined ? START : readPosition(request.cursor) },
    context,
  );
}

interface Listing extends Omit<ListRequest, 'cursor'> {
  readonly profile: VendorProfile;
  readonly at: ListPosition;
  /** The members of this page were too many. */
  readonly unread?: boolean;
}

async function listFrom(session: ReadSession, listing: Listing, context: CallContext): Promise<ListAnswer> {
  const { profile, objectType } = listing;
  const { endpoint } = resourceOf(profile, objectType);
  const query = pageQuery(listing);
  const reply = await session.send(
    { method: 'GET', path: endpoint, route: endpoint, query },
    { operation: 'read' },
    context,
  );
  if (!reply.ok) {
    const smaller = smallerListing(listing, reply.classified.outcome.code);
    return smaller === undefined ? failureOf(listing, reply.classified) : listFrom(session, smaller, context);
  }
  const resources = resourcesOf(reply.answer.json);
  if (resources === undefined) {
    const cause = `HTTP ${reply.answer.status} to a listing is no list.`;
    return { kind: 'failed', outcome: outcomeOf('scim.not-scim', { cause, httpStatus: reply.answer.status }) };
  }
  return readPage(listing, { resources, json: reply.answer.json });
}

/** Groups with their members can be larger than any answer. */
function smallerListing(listing: Listing, code: string): Listing | undefined {
  const { at, profile, members } = listing;
  if (code !== 'http.answer-too-large' || members !== true || profile.paging.mode === 'none') return undefined;
  const count = at.count ?? profile.paging.maxPage;
  if (count === 1) return { ...listing, members: false, at: { ...at, count }, unread: true };
  const anyCount = at.next === undefined ? {} : { anyCount: true };
  return { ...listing, at: { ...at, ...anyCount, count: Math.floor(count / 2) } };
}

const EXPIRED: ScimCode = 'scim.cursor-expired';
const CURSOR_REFUSED: readonly string[] = [EXPIRED, 'scim.invalid'] satisfies ScimCode[];

/** A target may refuse another question for a cursor than the one that it was given for (RFC 9865); asking once more is of no use. */
function failureOf({ at }: Listing, { outcome, scimType }: Classified): ListAnswer {
  const refused = at.next !== undefined && CURSOR_REFUSED.includes(outcome.code);
  const tooOld = scimType?.toLowerCase() === 'expiredcursor';
  if (refused && at.count !== undefined && !tooOld) {
    const cause = `Groups with their members are too large for one answer, and the target refuses smaller pages for its cursor: lower profile paging.maxPage, or leave the members out with profile groups.listsMembers: false. It says: ${outcome.cause ?? outcome.code}`;
    return { kind: 'failed', outcome: outcomeOf('http.answer-too-large', { cause, httpStatus: outcome.httpStatus }) };
  }
  return { kind: outcome.code === EXPIRED ? 'expired' : 'failed', outcome };
}

function pageQuery({ objectType, members: withMembers, profile: { paging }, at }: Listing): Record<string, string> {
  const count = { count: String(at.count ?? paging.maxPage) };
  const members: Record<string, string> =
    objectType === 'group' && withMembers !== true ? { excludedAttributes: 'members' } : {};
  if (paging.mode === 'none') return members;
  if (paging.mode === 'cursor' || at.next !== undefined) return { cursor: at.next ?? '', ...count, ...members };
  return { startIndex: String(at.startIndex), ...count, ...members };
}

function readPage(listing: Listing, page: { resources: readonly Json[]; json: unknown }): ListAnswer {
  const { at, profile } = listing;
  const ids = page.resources.map((resource) => fingerprint(textOf(getIgnoringCase(resource, 'id')) ?? ''));
  const repeated = new Set(at.last);
  const fresh = page.resources.filter((_, index) => !repeated.has(ids[index] ?? ''));
  const total = totalOf(page.json);
  const next = nextPosition(at, {
    ids,
    fresh: fresh.length,
    total,
    next: nextCursor(page.json),
    paging: profile.paging,
  });
  return {
    kind: 'page',
    accounts: fresh.flatMap((resource) => withKeys(listing, resource)),
    ...(next === undefined ? {} : { cursor: JSON.stringify(next) }),
    ...(total === undefined ? {} : { total }),
  };
}

function withKeys(listing: Listing, resource: Json): FoundAccountWithKeys[] {
  const account = readAccount(resource, listing.paths ?? [], listing.references);
  if (account === undefined) return [];
  const members = listing.unread === true ? 'unread' : listing.members === true ? readMembers(resource) : undefined;
  return [
    {
      ...account,
      matchKeys: matchKeysOfResource(listing.profile, listing.objectType, resource),
      ...(members === undefined ? {} : { members }),
    },
  ];
}

export interface PageFacts {
  /** Fingerprints of the page's ids. */
  readonly ids: readonly string[];
  /** How many of them were not on the page before. */
  readonly fresh: number;
  readonly total: number | undefined;
  readonly next: string | undefined;
  readonly paging: VendorProfile['paging'];
}

/**
 * Where to go on, or undefined at the end: an empty page, one that repeats the page before, all of `totalResults` seen, or no
 * further cursor. A `totalResults` that equals a full first page may be the size of the page: one more is asked for. Advances by
 * what was answered, not by what was asked, because targets cap silently.
 */
export function nextPosition(at: ListPosition, page: PageFacts): ListPosition | undefined {
  const seen = at.seen + page.fresh;
  if (page.fresh === 0 || at.page + 1 >= MAX_PAGES || page.paging.mode === 'none') return undefined;
  const advanced = {
    startIndex: at.startIndex + page.ids.length,
    seen,
    page: at.page + 1,
    last: [...page.ids],
    ...nextCount(at, page),
  };
  if (page.next !== undefined) return { ...advanced, next: page.next };
  if (page.paging.mode === 'cursor' || at.next !== undefined) return undefined;
  const suspicious =
    at.page === 0 && page.total === page.ids.length && page.ids.length >= (at.count ?? page.paging.maxPage);
  if (page.total !== undefined && seen >= page.total && !suspicious) return undefined;
  return advanced;
}

/** The next groups may be smaller ones. With a cursor the count stays as it began, unless the target has taken another one already. */
function nextCount({ count, anyCount }: ListPosition, { next, paging }: PageFacts): Partial<ListPosition> {
  if (count === undefined) return {};
  if (next !== undefined && anyCount !== true) return { count };
  if (count * 2 >= paging.maxPage) return {};
  return { count: count * 2, ...(anyCount === undefined ? {} : { anyCount }) };
}

/** Throws a RangeError for a cursor that did not come from here. */
function readPosition(cursor: string): ListPosition {
  try {
    return position.parse(JSON.parse(cursor));
  } catch {
    throw new RangeError('Not a cursor of this connector.');
  }
}

const fingerprint = (id: string): string =>
  createHash('sha256')
    .update(id)
    .digest('hex')
    .slice(0, FINGERPRINT * 2);

function totalOf(json: unknown): number | undefined {
  const total = isRecord(json) ? Number(getIgnoringCase(json, 'totalResults')) : NaN;
  return Number.isInteger(total) && total >= 0 ? total : undefined;
}

function nextCursor(json: unknown): string | undefined {
  const next = isRecord(json) ? textOf(getIgnoringCase(json, 'nextCursor')) : undefined;
  return next === '' ? undefined : next;
}
