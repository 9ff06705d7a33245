import type { TargetObject } from '@provisor/persistence';
import type { TargetObjectState } from '@provisor/provisioning';

/** A row as the planner sees it. With a fresh intent no call was made since it was recorded, so that nothing is unknown. */
export function stateOf(row: TargetObject, { intentFresh }: { intentFresh: boolean }): TargetObjectState {
  return {
    objectType: row.objectType,
    objectId: row.objectId,
    desired: row.desired,
    createOnly: row.createOnly,
    masked: row.masked,
    version: row.version,
    link:
      row.targetId === null
        ? null
        : { targetId: row.targetId, ...(row.targetVersion === null ? {} : { targetVersion: row.targetVersion }) },
    applied: row.applied,
    createIntended: row.createIntended && !intentFresh,
    removed: row.removedVersion !== null,
    ...(row.removedVersion === null ? {} : { removedVersion: row.removedVersion }),
  };
}

/** The part of a row that says what is at the target. */
export type LinkColumns = Pick<
  TargetObject,
  'applied' | 'targetId' | 'targetVersion' | 'createIntended' | 'removedVersion'
>;

export function linkColumns(state: TargetObjectState): LinkColumns {
  return {
    applied: state.applied,
    targetId: state.link?.targetId ?? null,
    targetVersion: state.link?.targetVersion ?? null,
    createIntended: state.createIntended,
    removedVersion: state.removed ? (state.removedVersion ?? state.version) : null,
  };
}
