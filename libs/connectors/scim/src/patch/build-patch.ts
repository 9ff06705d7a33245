import { isDeepStrictEqual } from 'node:util';
import type { VendorProfile } from '../profile/vendor-profile.js';
import { writeAt } from '../resource/build-resource.js';
import { getIgnoringCase, isRecord, type Json } from '../resource/json.js';
import { wholePath, withoutSub, type TargetPath } from '../resource/target-path.js';
import { elementPath } from '../resource/write-filter.js';
import { overlay, type AccountChange, type PathChange } from './account-change.js';

export interface PatchOperation {
  readonly op: string;
  readonly path?: string;
  readonly value?: unknown;
}
type Style = VendorProfile['update'];

const PATCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** Does this change need the resource as it is now, because it can only be written as part of a whole attribute? */
export function needsWhole({ path, value }: PathChange, style: Style): boolean {
  if (path.element !== undefined && !style.valuePathFilters) return true;
  if (path.element !== undefined && value === undefined && !style.valuePathRemove) return true;
  if (path.element !== undefined && path.element.attribute === 'primary') return false;
  return path.sub !== undefined && style.complexWhole.includes(wholePath(path));
}

/**
 * The operations of a minimal PATCH (RFC 7644 §3.5.2) in the target's style: removals, then values, an account is switched on
 * first and off last. `current` is the resource as it is now, given if some change is to be written as a whole attribute.
 */
export function buildPatch(change: AccountChange, style: Style, current?: Json): PatchOperation[] {
  const whole = current === undefined ? [] : change.changes.filter((each) => needsWhole(each, style));
  const direct = change.changes.filter((each) => !whole.includes(each));
  const clears = direct.filter(({ value }) => value === undefined).map((each) => clearOperation(each, style));
  const sets = direct.filter(({ value }) => value !== undefined);
  const writes = style.style === 'noPathObject' ? objectOperation(sets) : sets.map(setOperation);
  const active = change.active === undefined ? [] : [activeOperation(change.active, style)];
  const operations = [
    ...(change.active === true ? active : []),
    ...clears,
    ...(current === undefined ? [] : wholeOperations(whole, current)),
    ...writes,
    ...(change.active === false ? active : []),
  ];
  return operations.map((operation) => dressed(operation, style));
}

/** The bodies of the requests that carry these operations, one after the other. */
export function patchBodies(operations: readonly PatchOperation[], style: Style): Json[] {
  const most = style.style === 'onePerRequest' ? 1 : style.maxOps === 0 ? operations.length : style.maxOps;
  const bodies: Json[] = [];
  for (let from = 0; from < operations.length; from += most) {
    bodies.push({ schemas: [PATCH_SCHEMA], Operations: operations.slice(from, from + most) });
  }
  return bodies;
}

/** `emails[type eq "work"].value`, with the filter's value escaped anew. */
export function patchPath(path: TargetPath): string {
  const prefix = path.extension === undefined ? '' : `${path.extension}:`;
  const attribute =
    path.element === undefined
      ? path.attribute
      : elementPath(path.attribute, path.element.attribute, path.element.value);
  return prefix + attribute + (path.sub === undefined ? '' : `.${path.sub}`);
}

/** A reference is added as a whole object: that is what works where there was none before, too. */
function setOperation({ path, value, reference }: PathChange): PatchOperation {
  return reference
    ? { op: 'add', path: patchPath(path), value: { value } }
    : { op: 'replace', path: patchPath(path), value };
}

function clearOperation({ path }: PathChange, style: Style): PatchOperation {
  // An element without its value is nothing: it goes as a whole.
  const target = path.element !== undefined && path.sub === 'value' ? withoutSub(path) : path;
  if (style.clearStyle === 'remove' || path.element !== undefined) return { op: 'remove', path: patchPath(target) };
  return { op: 'replace', path: patchPath(path), value: style.clearStyle === 'null' ? null : '' };
}

const activeOperation = (active: boolean, { style }: Style): PatchOperation =>
  style === 'noPathObject' ? { op: 'replace', value: { active } } : { op: 'replace', path: 'active', value: active };

function objectOperation(sets: readonly PathChange[]): PatchOperation[] {
  if (sets.length === 0) return [];
  const value: Json = {};
  for (const { path, value: written, reference } of sets)
    writeAt(value, path, reference ? { value: written } : written);
  return [{ op: 'replace', value }];
}

/** Each attribute once, with the value it has after all changes to it. */
function wholeOperations(changes: readonly PathChange[], current: Json): PatchOperation[] {
  const after = overlay(current, { changes });
  const seen = new Set<string>();
  return changes.flatMap(({ path }) => {
    const whole = wholePath(path);
    if (seen.has(whole)) return [];
    seen.add(whole);
    const [before, value] = [attributeAt(current, path), attributeAt(after, path)];
    if (isDeepStrictEqual(before, value)) return [];
    if (value === undefined) return [{ op: 'remove', path: whole }];
    return writeWhole(whole, before, value);
  });
}

/** A `replace` of a complex attribute keeps the sub-attributes that it does not name: to lose one it has to go first. */
function writeWhole(path: string, before: unknown, value: unknown): PatchOperation[] {
  if (before === undefined) return [{ op: 'add', path, value }];
  const loses = isRecord(before) && isRecord(value) && Object.keys(before).some((key) => !(key in value));
  return loses
    ? [
        { op: 'remove', path },
        { op: 'add', path, value },
      ]
    : [{ op: 'replace', path, value }];
}

function attributeAt(resource: Json, path: TargetPath): unknown {
  const owner = path.extension === undefined ? resource : getIgnoringCase(resource, path.extension);
  return isRecord(owner) ? getIgnoringCase(owner, path.attribute) : undefined;
}

function dressed(operation: PatchOperation, { opCase, booleansAsStrings }: Style): PatchOperation {
  const op = opCase === 'title' ? operation.op.charAt(0).toUpperCase() + operation.op.slice(1) : operation.op;
  if (!booleansAsStrings || typeof operation.value !== 'boolean') return { ...operation, op };
  return { ...operation, op, value: operation.value ? 'True' : 'False' };
}
