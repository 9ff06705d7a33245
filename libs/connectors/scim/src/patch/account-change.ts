import type { TargetAttributes, TargetValue } from '@provisor/contracts';
import type { UpdateRequest } from '@provisor/provisioning';
import { clearAt, writeAt } from '../resource/build-resource.js';
import type { Json } from '../resource/json.js';
import { isCovered, parseTargetPath, withoutSub, type TargetPath } from '../resource/target-path.js';

/** One value to write, or to take away where `value` is absent. */
export interface PathChange {
  readonly path: TargetPath;
  readonly value?: TargetValue;
  /** The value is the target id of another object. */
  readonly reference?: boolean;
}

/** An update in the target's terms, without what the target never takes. */
export interface AccountChange {
  readonly changes: readonly PathChange[];
  readonly active?: boolean;
}

/** What is left of an update after leaving out the paths that this target does not take, or takes at create only. */
export function accountChange(request: UpdateRequest, leftOut: readonly string[]): AccountChange {
  const changes = [
    ...request.clear.flatMap((source) => change(source, leftOut)),
    ...setChanges(request.set, leftOut),
    ...Object.entries(request.references ?? {}).flatMap(([source, targetId]) =>
      referenceChange(source, targetId, leftOut),
    ),
  ];
  const active = request.objectType === 'user' ? request.active : undefined;
  return active === undefined ? { changes } : { changes, active };
}

function change(source: string, leftOut: readonly string[], value?: TargetValue): PathChange[] {
  const path = parseTargetPath(source);
  if (path === undefined || isCovered(path, leftOut)) return [];
  return [value === undefined ? { path } : { path, value }];
}

const setChanges = (set: TargetAttributes, leftOut: readonly string[]): PathChange[] =>
  Object.entries(set).flatMap(([source, value]) => change(source, leftOut, value));

/** `…:manager` and `…:manager.value` both name the reference; it is written as a whole. */
function referenceChange(source: string, targetId: string | null, leftOut: readonly string[]): PathChange[] {
  const parsed = parseTargetPath(source);
  if (parsed === undefined || isCovered(parsed, leftOut)) return [];
  const path = withoutSub(parsed);
  return [{ path, reference: true, ...(targetId === null ? {} : { value: targetId }) }];
}

/** Writes a change into a resource as the target shows it. Everything that is not named stays as it is. */
export function overlay(resource: Json, { changes, active }: AccountChange): Json {
  const result = structuredClone(resource);
  for (const { path, value, reference } of changes) {
    if (value !== undefined) writeAt(result, path, reference ? { value } : value);
  }
  // Values come first, so that an element which loses one and gains another is the same element.
  for (const { path, value } of changes) if (value === undefined) clearAt(result, path);
  if (active !== undefined) result.active = active;
  return result;
}
