import type { AppliedState, TargetLink, TargetObjectState } from './target-object-state.js';

/** The object with an account at the target: linked, no create open, no removal remembered. */
export function withAccount(object: TargetObjectState, link: TargetLink, applied: AppliedState): TargetObjectState {
  const { objectType, objectId, desired, createOnly, masked, version } = object;
  return {
    objectType,
    objectId,
    desired,
    createOnly,
    masked,
    version,
    link,
    applied,
    createIntended: false,
    removed: false,
  };
}

/** A link with the version only where the target has one. */
export const linkTo = (targetId: string, targetVersion: string | undefined): TargetLink => ({
  targetId,
  ...(targetVersion === undefined ? {} : { targetVersion }),
});
