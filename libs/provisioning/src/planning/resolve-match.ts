import type { Policy, TargetAttributes } from '@provisor/contracts';
import type { FoundAccount, LookupAnswer } from '../connector/connector.js';
import type { CallOutcome, Rejected } from '../outcome/outcome.js';
import { comparableAttributes } from './apply-intent.js';
import { isGenerated } from './attribute-difference.js';
import type { AppliedState, TargetObjectState } from './target-object-state.js';
import { linkTo, withAccount } from './with-account.js';

/** What a look-up leads to. */
export type MatchDecision =
  /** The account is this object's; `object` carries the link. Plan again. */
  | { readonly kind: 'linked'; readonly object: TargetObjectState; readonly generatedValueLost: boolean }
  /** There is none: plan again with `account: 'absent-at-target'`. */
  | { readonly kind: 'absent'; readonly object: TargetObjectState }
  /** An account is there that must not be taken, or the look-up itself failed. */
  | { readonly kind: 'refused'; readonly outcome: CallOutcome };

/** When the look-up ended, and for how long a target may not show an account that it has just created; in milliseconds. */
export interface LookupTime {
  readonly now: number;
  readonly visibleAfterMs: number;
}

/**
 * Decides whether an account that a look-up found may be linked: never one that carries another object's id. That none was found right
 * after a create without an answer proves nothing.
 */
export function resolveMatch(
  object: TargetObjectState,
  answer: LookupAnswer,
  policy: Policy,
  time: LookupTime,
): MatchDecision {
  switch (answer.kind) {
    case 'failed':
      return { kind: 'refused', outcome: answer.outcome };
    case 'none':
      return resolveNone(object, time);
    case 'several':
      return refused({
        code: 'match.several',
        cause: `The target has several accounts that match: ${answer.targetIds.slice(0, 10).join(', ')}.`,
        remedy: 'Remove or merge the duplicates at the target, then retry.',
      });
    case 'found':
      return resolveFound(object, answer.account, policy);
  }
}

function resolveNone(object: TargetObjectState, { now, visibleAfterMs }: LookupTime): MatchDecision {
  const waitMs = Math.min(visibleAfterMs, (object.applied?.underWayUntil ?? -Infinity) + visibleAfterMs - now);
  if (object.createIntended && waitMs > 0)
    return {
      kind: 'refused',
      outcome: {
        kind: 'retryable',
        code: 'match.too-early',
        cause: `A create got no answer a moment ago, and the target may show new accounts only after ${visibleAfterMs} ms.`,
        retryAfterMs: waitMs,
      },
    };
  return { kind: 'absent', object: { ...object, createIntended: false, applied: null } };
}

function resolveFound(object: TargetObjectState, account: FoundAccount, policy: Policy): MatchDecision {
  const externalId = ownExternalId(object);
  if (account.externalId !== undefined && account.externalId !== '' && account.externalId !== externalId)
    return refused({
      code: 'match.other-owner',
      ownerId: account.externalId,
      cause: `Account ${account.targetId} carries the external id of another object.`,
      remedy: 'Clear its external id at the target if the account belongs to this object, then retry.',
    });
  const rule = object.objectType === 'user' ? policy.users.match : policy.groups.match;
  if (rule === 'reject' && !object.createIntended)
    return refused({
      code: 'match.exists',
      cause: `Account ${account.targetId} exists at the target already, and the policy does not link existing accounts.`,
      remedy: 'Remove the account at the target, or set the match policy to link-and-update.',
    });
  const ours = object.createIntended;
  const applied = rule === 'link-only' && !ours ? assumedAsDesired(object) : lastSeen(object, account);
  return {
    kind: 'linked',
    generatedValueLost: ours && Object.values(object.desired.attributes ?? {}).some(isGenerated),
    object: withAccount(object, linkTo(account.targetId, account.targetVersion), applied),
  };
}

/** Linked without a write: what stands at the target passes for desired until something newer is. */
const assumedAsDesired = (object: TargetObjectState): AppliedState => ({
  presence: object.desired.presence,
  attributes: comparableAttributes(object),
});

function lastSeen(object: TargetObjectState, account: FoundAccount): AppliedState {
  // Only paths that are mapped: everything else at the target is nobody's business here.
  const managed = comparableAttributes(object);
  const attributes: TargetAttributes = Object.fromEntries(
    Object.entries(account.attributes).filter(([path]) => Object.hasOwn(managed, path)),
  );
  // What a lost create may have written is not among the paths that were asked for; it stays unknown.
  const sent = object.applied?.attributes ?? {};
  return { presence: account.active ? 'active' : 'disabled', attributes: { ...sent, ...attributes } };
}

function ownExternalId(object: TargetObjectState): string {
  const mapped = object.desired.attributes?.['externalId'];
  return typeof mapped === 'string' ? mapped : object.objectId;
}

const refused = (explained: Omit<Rejected, 'kind'>): MatchDecision => ({
  kind: 'refused',
  outcome: { kind: 'rejected', ...explained },
});
