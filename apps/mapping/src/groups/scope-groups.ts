import type { IdentityChange } from '@provisor/contracts';
import type { ScopeGroup } from '@provisor/persistence';
import type { GroupResolver } from '@provisor/provisioning';
import type { Catalog } from '../configuration/connection-catalog.js';
import { scopeGroupName } from './scope-group-name.js';

/**
 * The groups that scopes name. A name is bound to the id of the group that is seen under it first and keeps that id through
 * renames, because the administrator meant that group. When the group is deleted the binding stays, marked as such: its members
 * leave by their own records, and a name that is gone must not read as "unknown". A new group of that name replaces it.
 */
export class ScopeGroups {
  /** By data store and name. */
  #bound = new Map<string, ScopeGroup>();
  readonly #names = new Map<string, string>();

  /** Replaces everything by what is stored. */
  load(groups: readonly ScopeGroup[]): void {
    this.#bound = new Map(groups.map((group) => [place(group.dataStore, group.name), group]));
  }

  /** Takes over what has been stored. */
  add(groups: readonly ScopeGroup[]): void {
    for (const group of groups) this.#bound.set(place(group.dataStore, group.name), group);
  }

  /** Resolves with these bindings, and those of `news` before them. */
  resolver(news: readonly ScopeGroup[] = []): GroupResolver {
    const fresh = new Map(news.map((group) => [place(group.dataStore, group.name), group.objectId]));
    return (dataStore, dnOrId) => {
      const at = place(dataStore, this.#nameOf(dnOrId));
      return fresh.get(at) ?? this.#bound.get(at)?.objectId;
    };
  }

  /** Bindings that these changes make or mark as deleted, given the names that scopes use. */
  news(changes: readonly IdentityChange[], wanted: Catalog['scopeGroups']): readonly ScopeGroup[] {
    const found = new Map<string, ScopeGroup>();
    for (const change of changes) {
      if (change.objectType !== 'group') continue;
      const { dataStore, objectId } = change;
      if (change.state === 'deleted') {
        for (const group of this.#bound.values())
          if (group.dataStore === dataStore && group.objectId === objectId && !group.deleted)
            found.set(place(dataStore, group.name), { ...group, deleted: true });
        continue;
      }
      const names = wanted.get(dataStore);
      if (names === undefined) continue;
      for (const name of [objectId, ...(change.dn === undefined ? [] : [this.#nameOf(change.dn)])]) {
        const bound = this.#bound.get(place(dataStore, name));
        if (!names.has(name) || (bound !== undefined && !bound.deleted)) continue;
        found.set(place(dataStore, name), { dataStore, name, objectId, deleted: false });
      }
    }
    return [...found.values()];
  }

  /** Names that scopes use and that no group was seen under. */
  unresolved(
    wanted: Catalog['scopeGroups'],
  ): readonly { dataStore: string; name: string; spConnections: readonly string[] }[] {
    return [...wanted].flatMap(([dataStore, names]) =>
      [...names]
        .filter(([name]) => !this.#bound.has(place(dataStore, name)))
        .map(([name, spConnections]) => ({ dataStore, name, spConnections })),
    );
  }

  #nameOf(dnOrId: string): string {
    const known = this.#names.get(dnOrId);
    if (known !== undefined) return known;
    const name = scopeGroupName(dnOrId);
    if (this.#names.size > 10_000) this.#names.clear();
    this.#names.set(dnOrId, name);
    return name;
  }
}

const place = (dataStore: string, name: string): string => `${dataStore}\n${name}`;

/** The connections that name one of these groups in a scope. */
export function namedBy(groups: readonly ScopeGroup[], wanted: Catalog['scopeGroups']): readonly string[] {
  return [...new Set(groups.flatMap(({ dataStore, name }) => wanted.get(dataStore)?.get(name) ?? []))];
}
