import { randomUUID } from 'node:crypto';
import type { ResourceKind } from './definitions.js';
import { matches, type Filter } from './filter.js';
import type { Json } from './resource.js';
import { ScimError } from './scim-error.js';

export interface Stored {
  readonly id: string;
  /** Everything but `id`, `meta`, `schemas` and the members of a group. */
  resource: Json;
  readonly created: string;
  modified: string;
  version: number;
}

/** Attribute that is looked up often, and whether two resources may share a value. */
export interface Index {
  readonly attribute: string;
  readonly unique: boolean;
  readonly caseExact: boolean;
}

/** All resources of one kind in one tenant, in the order of their creation. */
export class ResourceStore {
  readonly kind: ResourceKind;
  readonly #byId = new Map<string, Stored>();
  readonly #indexes: readonly (Index & { readonly ids: Map<string, Set<string>> })[];

  constructor(kind: ResourceKind, indexes: readonly Index[]) {
    this.kind = kind;
    this.#indexes = indexes.map((index) => ({ ...index, ids: new Map() }));
  }

  get size(): number {
    return this.#byId.size;
  }

  all(): IterableIterator<Stored> {
    return this.#byId.values();
  }

  get(id: string): Stored | undefined {
    return this.#byId.get(id);
  }

  /** Throws a ScimError (404) for an unknown id. */
  demand(id: string): Stored {
    const stored = this.#byId.get(id);
    if (stored === undefined) throw new ScimError(404, `There is no ${this.kind.name} ${id}.`);
    return stored;
  }

  /** Throws a ScimError (409, uniqueness) if a unique value is taken. */
  insert(resource: Json): Stored {
    this.#demandUnique(resource, undefined);
    const now = new Date().toISOString();
    const stored: Stored = { id: randomUUID(), resource, created: now, modified: now, version: 1 };
    this.#byId.set(stored.id, stored);
    this.#index(stored);
    return stored;
  }

  /** Throws a ScimError (409, uniqueness) if a unique value is taken; then nothing has changed. */
  replace(stored: Stored, resource: Json): void {
    this.#demandUnique(resource, stored.id);
    this.#unindex(stored);
    stored.resource = resource;
    this.#index(stored);
    this.touch(stored);
  }

  touch(stored: Stored): void {
    stored.version += 1;
    stored.modified = new Date().toISOString();
  }

  remove(stored: Stored): void {
    this.#unindex(stored);
    this.#byId.delete(stored.id);
  }

  find(filter: Filter): Stored[] {
    const candidates = this.#candidates(filter) ?? this.#byId.values();
    return [...candidates].filter(({ id, resource }) => matches(filter, { ...resource, id }));
  }

  /** The resource whose indexed attribute has this value. */
  findBy(attribute: string, value: string): Stored | undefined {
    const index = this.#indexes.find((candidate) => candidate.attribute === attribute);
    const [id] = index?.ids.get(index.caseExact ? value : value.toLowerCase()) ?? [];
    return id === undefined ? undefined : this.#byId.get(id);
  }

  #candidates(filter: Filter): Stored[] | undefined {
    if (filter.kind !== 'compare' || filter.operator !== 'eq' || typeof filter.value !== 'string') return undefined;
    const { definition, sub, extension } = filter.attribute;
    if (sub !== undefined || extension !== undefined) return undefined;
    const { value } = filter;
    if (definition.name === 'id') return [this.#byId.get(value)].filter((stored) => stored !== undefined);
    const index = this.#indexes.find(({ attribute }) => attribute === definition.name);
    if (index === undefined) return undefined;
    const ids = index.ids.get(index.caseExact ? value : value.toLowerCase()) ?? [];
    return [...ids].flatMap((id) => this.#byId.get(id) ?? []);
  }

  #demandUnique(resource: Json, self: string | undefined): void {
    for (const index of this.#indexes) {
      const key = index.unique ? keyOf(index, resource) : undefined;
      const taken = key === undefined ? undefined : index.ids.get(key);
      if (taken !== undefined && taken.size > (self !== undefined && taken.has(self) ? 1 : 0)) {
        throw new ScimError(409, `Another ${this.kind.name} has this ${index.attribute}.`, 'uniqueness');
      }
    }
  }

  #index({ id, resource }: Stored): void {
    for (const index of this.#indexes) {
      const key = keyOf(index, resource);
      if (key === undefined) continue;
      const ids = index.ids.get(key);
      if (ids === undefined) index.ids.set(key, new Set([id]));
      else ids.add(id);
    }
  }

  #unindex({ id, resource }: Stored): void {
    for (const index of this.#indexes) {
      const key = keyOf(index, resource);
      const ids = key === undefined ? undefined : index.ids.get(key);
      ids?.delete(id);
      if (key !== undefined && ids?.size === 0) index.ids.delete(key);
    }
  }
}

function keyOf(index: Index, resource: Json): string | undefined {
  const value = resource[index.attribute];
  if (typeof value !== 'string') return undefined;
  return index.caseExact ? value : value.toLowerCase();
}
