import type { MemberReference } from '@provisor/provisioning';
import type { PatchOperation } from '../patch/build-patch.js';
import type { VendorProfile } from '../profile/vendor-profile.js';
import { schemasOf } from '../resource/build-resource.js';
import { isRecord, type Json } from '../resource/json.js';
import { elementPath } from '../resource/write-filter.js';

/** One membership to make or to end. */
export interface MemberChange {
  readonly kind: 'add' | 'remove';
  readonly member: MemberReference;
}

/** One `add` with many values; removals by value path, one operation each, or as one list where the target wants that. */
export function membersOperations(changes: readonly MemberChange[], profile: VendorProfile): PatchOperation[] {
  const added = changes.filter(({ kind }) => kind === 'add').map(({ member }) => memberValue(member, profile));
  const removed = changes.filter(({ kind }) => kind === 'remove').map(({ member }) => member.targetId);
  return [
    ...removeOperations(removed, profile),
    ...(added.length === 0 ? [] : [{ op: opName('add', profile), path: 'members', value: added }]),
  ];
}

/** A group as the target shows it with these members changed, ready for a PUT. */
export function withMembers(group: unknown, changes: readonly MemberChange[], profile: VendorProfile): Json {
  const { members: shown, ...resource } = isRecord(group) ? group : {};
  const present = (Array.isArray(shown) ? shown : []).filter(isRecord);
  const changed = new Set(changes.map(({ member }) => member.targetId));
  const added = changes.filter(({ kind }) => kind === 'add').map(({ member }) => memberValue(member, profile));
  const members = [...present.filter(({ value }) => !changed.has(String(value))), ...added];
  delete resource.meta;
  return { ...resource, schemas: schemasOf('group', resource), members };
}

function removeOperations(ids: readonly string[], profile: VendorProfile): PatchOperation[] {
  const op = opName('remove', profile);
  if (ids.length === 0) return [];
  return profile.groups.memberRemoveStyle === 'arrayValue'
    ? [{ op, path: 'members', value: ids.map((value) => ({ value })) }]
    : ids.map((id) => ({ op, path: elementPath('members', 'value', id) }));
}

function memberValue({ targetId, type }: MemberReference, { groups, users }: VendorProfile): Record<string, string> {
  const values: Record<(typeof groups.memberFields)[number], string> = {
    value: targetId,
    type: type === 'user' ? 'User' : 'Group',
    $ref: `${(type === 'user' ? users : groups).endpoint.slice(1)}/${encodeURIComponent(targetId)}`,
  };
  return Object.fromEntries(groups.memberFields.map((field) => [field, values[field]]));
}

const opName = (op: 'add' | 'remove', { update }: VendorProfile): string =>
  update.opCase === 'title' ? op.charAt(0).toUpperCase() + op.slice(1) : op;
