import { matches } from './filter.js';
import type { Operation, Target } from './patch.js';
import { isObject, readValue, type Json } from './resource.js';
import { ScimError } from './scim-error.js';

/** Kept apart from the group's other attributes, so that a change to a group of 50,000 does not copy them all. */
export class GroupMembers {
  readonly #ofGroup = new Map<string, Map<string, Json>>();
  readonly #groupsOf = new Map<string, Set<string>>();

  of(group: string): Json[] {
    return [...(this.#ofGroup.get(group)?.values() ?? [])];
  }

  count(group: string): number {
    return this.#ofGroup.get(group)?.size ?? 0;
  }

  has(group: string, member: string): boolean {
    return this.#ofGroup.get(group)?.has(member) ?? false;
  }

  groupsOf(member: string): string[] {
    return [...(this.#groupsOf.get(member) ?? [])];
  }

  /** Returns whether anything changed. */
  add(group: string, members: readonly Json[]): boolean {
    let changed = false;
    for (const member of members) {
      const id = String(member.value);
      if (this.has(group, id)) continue;
      upsert(this.#ofGroup, group, () => new Map<string, Json>()).set(id, member);
      upsert(this.#groupsOf, id, () => new Set<string>()).add(group);
      changed = true;
    }
    return changed;
  }

  remove(group: string, ids: readonly string[]): boolean {
    let changed = false;
    for (const id of ids) {
      if (!this.#ofGroup.get(group)?.delete(id)) continue;
      this.#groupsOf.get(id)?.delete(group);
      changed = true;
    }
    return changed;
  }

  /** A user or group that is gone is a member of nothing and has no members. */
  forget(id: string): void {
    for (const group of this.groupsOf(id)) this.remove(group, [id]);
    this.remove(id, [...(this.#ofGroup.get(id)?.keys() ?? [])]);
    this.#ofGroup.delete(id);
    this.#groupsOf.delete(id);
  }
}

/** A change of members that has been checked and cannot fail any more. */
export interface MembersChange {
  readonly clear: boolean;
  readonly add: readonly Json[];
  readonly remove: readonly string[];
}

/** Checks one PATCH operation on `members` (RFC 7644, section 3.5.2). Throws a ScimError. */
export function readMembersChange(target: Target, operation: Operation, current: () => readonly Json[]): MembersChange {
  const { op, value } = operation;
  if (op !== 'remove') {
    if (target.filter !== undefined) throw new ScimError(400, 'Members cannot be changed in place.', 'mutability');
    return { clear: op === 'replace', add: readMembers(target, isObject(value) ? [value] : value), remove: [] };
  }
  if (target.filter !== undefined) return { clear: false, add: [], remove: filtered(target, current) };
  if (value === undefined) return { clear: true, add: [], remove: [] };
  return { clear: false, add: [], remove: readMembers(target, value).map((member) => String(member.value)) };
}

function filtered({ filter }: Target, current: () => readonly Json[]): string[] {
  if (filter === undefined) return [];
  if (filter.kind === 'compare' && filter.operator === 'eq' && filter.attribute.definition.name === 'value') {
    return [String(filter.value)];
  }
  return current()
    .filter((member) => matches(filter, member))
    .map((member) => String(member.value));
}

export function readMembers({ definition }: Target, value: unknown): Json[] {
  const read = readValue(definition, value);
  const members = Array.isArray(read) ? read.filter(isObject) : [];
  for (const member of members) {
    if (typeof member.value !== 'string') throw new ScimError(400, 'A member needs a "value".', 'invalidValue');
  }
  return members;
}

function upsert<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = create();
    map.set(key, value);
  }
  return value;
}
