import type { FoundAccount } from '../connector/connector.js';
import { isShowable, isUnknown, sameValue, UNKNOWN_VALUE, type AttributeDifference } from './attribute-difference.js';
import type { Intent } from './intent.js';
import type { AppliedState, TargetObjectState } from './target-object-state.js';
import { linkTo } from './with-account.js';

/** What would be written to a linked account as far as is known. */
export interface Wanted {
  readonly difference: AttributeDifference;
  readonly disables: boolean;
  readonly enables: boolean;
}

/**
 * Asks for the account to be read where everything may be right already, by a call whose answer was lost. Undefined where something is
 * to be written that was not sent, and where the account can show nothing: masked values cannot be compared, nor can it be told from a
 * path without a value whether it was cleared or is never shown.
 */
export function readFirst(object: TargetObjectState, { difference, disables, enables }: Wanted): Intent | undefined {
  const { applied, desired } = object;
  const sent = applied?.sent;
  if (applied === null || sent === undefined) return undefined;
  const status = disables || enables;
  if (status && sent.presence !== desired.presence) return undefined;
  const values = Object.entries(difference.set);
  const showable = values.filter(([, value]) => isShowable(value));
  const sentBefore = showable.every(([path, value]) => sameValue(sent.attributes[path] ?? UNKNOWN_VALUE, value));
  const touched = [...Object.keys(difference.set), ...difference.clear];
  if (!sentBefore || !touched.every((path) => isUnknown(applied.attributes[path]))) return undefined;
  return status || showable.length > 0 ? { kind: 'read', paths: showable.map(([path]) => path) } : undefined;
}

/**
 * The object's state after its account was read. Only what stands there as it was sent counts, for that has arrived; anything else may
 * be a picture from before the call.
 */
export function resolveRead(
  object: TargetObjectState,
  account: FoundAccount,
): { readonly object: TargetObjectState; readonly arrived: readonly string[] } {
  const { applied, link } = object;
  if (applied?.sent === undefined || link === null) return { object, arrived: [] };
  const { sent, attributes, presence } = applied;
  const shown = Object.entries(sent.attributes).filter(([path, value]) => {
    const seen = account.attributes[path];
    return isUnknown(attributes[path]) && seen !== undefined && sameValue(seen, value);
  });
  const status = account.active ? 'active' : 'disabled';
  const after: AppliedState = {
    presence: presence === 'absent' && sent.presence === status ? status : presence,
    attributes: { ...attributes, ...Object.fromEntries(shown) },
  };
  return {
    object: { ...object, applied: after, link: linkTo(link.targetId, account.targetVersion ?? link.targetVersion) },
    arrived: shown.map(([path]) => path),
  };
}
