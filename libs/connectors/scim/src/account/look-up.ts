import type { CallContext, FoundAccount, LookupAnswer, LookupRequest } from '@provisor/provisioning';
import { outcomeOf } from '../codes.js';
import type { VendorProfile } from '../profile/vendor-profile.js';
import { getIgnoringCase, isRecord, type Json } from '../resource/json.js';
import { readAccount } from '../resource/read-resource.js';
import { equalsFilter } from '../resource/write-filter.js';
import { isOutcome, resourceOf, unsupportedType, type ScimSession } from '../scim-session.js';
import { matchKey, matchValues, shownValues, type MatchValue } from './match-keys.js';

/** What one search came to. `silent`: the target does not search by this attribute or value, so nothing is known. */
type SearchResult =
  | { readonly kind: 'accounts'; readonly accounts: readonly FoundAccount[] }
  | { readonly kind: 'silent'; readonly ignored: boolean; readonly cause: string }
  | Extract<LookupAnswer, { kind: 'failed' }>;

/**
 * Searches by the match list, strongest attribute first. Each resource is compared with what was asked for, because a target that
 * does not understand a filter may answer with everybody. `none` is said only if at least one search was really answered.
 */
export async function lookUp(
  session: ScimSession,
  request: LookupRequest,
  context: CallContext,
): Promise<LookupAnswer> {
  const profile = await session.profile(context);
  if (isOutcome(profile)) return { kind: 'failed', outcome: profile };
  const refused = unsupportedType(profile, request.objectType);
  if (refused !== undefined) return { kind: 'failed', outcome: refused };
  const values = matchValues(profile, request);
  const silences: Extract<SearchResult, { kind: 'silent' }>[] = [];
  for (const match of values) {
    const result = await searchSpellings(session, { profile, request, match }, context);
    if (result.kind === 'failed') return result;
    if (result.kind === 'silent') silences.push(result);
    else if (result.accounts.length > 0) return found(result.accounts);
  }
  const [silence] = silences;
  if (silence === undefined || silences.length < values.length) return { kind: 'none' };
  const { cause, ignored } = silence;
  return { kind: 'failed', outcome: outcomeOf(ignored ? 'scim.filter-ignored' : 'scim.filter-refused', { cause }) };
}

function found(accounts: readonly FoundAccount[]): LookupAnswer {
  const [first] = accounts;
  if (first === undefined) return { kind: 'none' };
  if (accounts.length === 1) return { kind: 'found', account: first };
  return { kind: 'several', targetIds: accounts.map(({ targetId }) => targetId) };
}

interface Search {
  readonly profile: VendorProfile;
  readonly request: LookupRequest;
  readonly match: MatchValue;
}

/** User names have no case, yet some targets compare them as they are spelt: the lower-case spelling is tried as well. */
async function searchSpellings(session: ScimSession, search: Search, context: CallContext): Promise<SearchResult> {
  const result = await searchOnce(session, search, search.match.value, context);
  const lower = search.match.value.toLowerCase();
  const again = search.match.attribute === 'userName' && lower !== search.match.value;
  if (!again || result.kind !== 'accounts' || result.accounts.length > 0) return result;
  const second = await searchOnce(session, search, lower, context);
  return second.kind === 'silent' ? result : second;
}

async function searchOnce(
  session: ScimSession,
  search: Search,
  value: string,
  context: CallContext,
): Promise<SearchResult> {
  const { profile, request, match } = search;
  const { endpoint } = resourceOf(profile, request.objectType);
  const query = {
    filter: equalsFilter(match.attribute, value),
    ...(request.objectType === 'group' ? { excludedAttributes: 'members' } : {}),
  };
  const reply = await session.send(
    { method: 'GET', path: endpoint, route: endpoint, query },
    { operation: 'search' },
    context,
  );
  if (!reply.ok) return refusedSearch(reply.classified);
  const resources = resourcesOf(reply.answer.json);
  if (resources === undefined) {
    const cause = `HTTP ${reply.answer.status} to a search is no list.`;
    return { kind: 'failed', outcome: outcomeOf('scim.not-scim', { cause, httpStatus: reply.answer.status }) };
  }
  const wanted = matchKey(match.attribute, match.value);
  const equal = resources.filter((resource) =>
    shownValues(resource, match.attribute).some((shown) => matchKey(match.attribute, shown) === wanted),
  );
  if (equal.length === 0 && resources.length > 0) {
    const cause = `A search for ${match.attribute} was answered with ${resources.length} resources that do not have the value.`;
    return { kind: 'silent', ignored: true, cause };
  }
  const paths = Object.keys(request.attributes);
  return {
    kind: 'accounts',
    accounts: equal.flatMap((resource) => readAccount(resource, paths, request.references) ?? []),
  };
}

function refusedSearch({
  outcome,
  replan,
}: {
  outcome: Extract<LookupAnswer, { kind: 'failed' }>['outcome'];
  replan?: string;
}): SearchResult {
  if (outcome.kind === 'vanished') return { kind: 'accounts', accounts: [] };
  if (replan === 'next-match') return { kind: 'silent', ignored: false, cause: outcome.cause ?? outcome.code };
  return { kind: 'failed', outcome };
}

/** A ListResponse; some targets leave `Resources` out where nothing was found (RFC 7644 §3.4.2 allows it). */
export function resourcesOf(json: unknown): Json[] | undefined {
  if (Array.isArray(json)) return json.filter(isRecord);
  if (!isRecord(json)) return undefined;
  const resources = getIgnoringCase(json, 'Resources');
  if (Array.isArray(resources)) return resources.filter(isRecord);
  return getIgnoringCase(json, 'totalResults') === undefined ? undefined : [];
}
