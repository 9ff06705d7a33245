import type { Policy } from '@provisor/contracts';
import { compareVersions } from '../version/compare-versions.js';
import { diffAttributes, type AttributeDifference } from './attribute-difference.js';
import type { Intent } from './intent.js';
import { readFirst, type Wanted } from './read-sent.js';
import type { AppliedState, TargetObjectState } from './target-object-state.js';

/** What else is known when planning. */
export interface Knowledge {
  /**
   * Whether the target has an account of this object that is not linked yet. `absent-at-target`: a look-up or a census just
   * said that there is none; where a create was begun and its answer lost, only a look-up made after that counts.
   */
  readonly account?: 'absent-at-target' | 'unknown';
  /** The linked account was read just now: what is unknown still has to be written. */
  readonly read?: boolean;
}

/** The next step for one object. Pure: the same state gives the same intent. */
export function plan(object: TargetObjectState, policy: Policy, knowledge: Knowledge = {}): Intent {
  if (object.link !== null) return planLinked(object, object.link.targetId, policy, knowledge);
  return planUnlinked(object, policy, knowledge.account ?? 'unknown');
}

function planUnlinked(object: TargetObjectState, policy: Policy, account: 'absent-at-target' | 'unknown'): Intent {
  const { presence } = object.desired;
  // An account that may have been born from a lost answer has to be found, whatever is desired now.
  if (object.createIntended && account === 'unknown') return { kind: 'match' };
  if (presence === 'absent') return { kind: 'none', why: 'not-there' };
  if (object.removed && !mayReturn(object)) return { kind: 'none', why: 'removed' };
  // Without attributes there is nothing to look for and nothing to create: a removal of what never was there.
  if (object.desired.attributes === undefined) return { kind: 'none', why: 'not-there' };
  if (account === 'unknown') return { kind: 'match' };
  const rules = object.objectType === 'user' ? policy.users : policy.groups;
  if (!rules.create)
    return skip('policy.create-off', 'There is no account at the target, and the policy does not allow to create one.');
  if (presence === 'disabled' && !(object.objectType === 'user' && policy.users.createDisabled))
    return skip(
      'policy.create-disabled-off',
      'There is no account at the target, and the policy does not create accounts of disabled users.',
    );
  return { kind: 'create' };
}

/** No resurrection: after a removal only a newer state that wants the account active brings it back. */
function mayReturn(object: TargetObjectState): boolean {
  if (object.desired.presence !== 'active') return false;
  return object.removedVersion === undefined || compareVersions(object.version, object.removedVersion) > 0;
}

function planLinked(object: TargetObjectState, targetId: string, policy: Policy, { read }: Knowledge): Intent {
  const { presence } = object.desired;
  if (presence === 'absent') return { kind: 'remove', how: 'delete' };
  const wanted = wantedOf(object, object.applied ?? { presence: 'absent', attributes: {} });
  const { difference, differs, disables, enables } = wanted;
  const rules = object.objectType === 'user' ? policy.users : policy.groups;
  const look = read === true ? undefined : readFirst(object, wanted);
  if (disables)
    return (
      look ??
      (differs && rules.update ? { kind: 'update', ...difference, active: false } : { kind: 'remove', how: 'disable' })
    );
  if (!differs && !enables) return { kind: 'none', why: 'as-desired' };
  if (!rules.update)
    return skip(
      'policy.update-off',
      `Account ${targetId} differs from what is desired, and the policy does not allow to update it.`,
    );
  return look ?? { kind: 'update', ...difference, ...(enables ? { active: true } : {}) };
}

function wantedOf(object: TargetObjectState, applied: AppliedState): Wanted & { readonly differs: boolean } {
  const { presence } = object.desired;
  const difference = differenceOf(object, applied);
  return {
    difference,
    differs: Object.keys(difference.set).length > 0 || difference.clear.length > 0,
    disables: presence === 'disabled' && applied.presence !== 'disabled',
    enables: presence === 'active' && applied.presence !== 'active' && object.objectType === 'user',
  };
}

/** Without desired attributes nothing is said about them. */
function differenceOf(object: TargetObjectState, applied: AppliedState): AttributeDifference {
  if (object.desired.attributes === undefined) return { set: {}, clear: [] };
  return diffAttributes(applied.attributes, object.desired.attributes, new Set(object.createOnly));
}

const skip = (code: string, cause: string): Intent => ({ kind: 'skip', code, cause });
