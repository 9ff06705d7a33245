import type { ConfigurationRecord, SpConnection } from '@provisor/contracts';
import {
  compileConnection,
  ConfigurationProblem,
  scopeGroupsOf,
  type CompiledConnection,
} from '@provisor/provisioning';
import type { Logger } from '@provisor/telemetry';
import { scopeGroupName } from '../groups/scope-group-name.js';

/** An SP connection as this replica sees it. */
export interface CatalogEntry {
  readonly name: string;
  /** Version of its document. */
  readonly version: number;
  /** Absent where the document cannot be used; `problem` then says why. */
  readonly connection: CompiledConnection | undefined;
  readonly problem: string | undefined;
}

/** All SP connections at one moment. Immutable: whoever took it sees one consistent configuration. */
export interface Catalog {
  readonly entries: ReadonlyMap<string, CatalogEntry>;
  /** Connections that take objects of a data store. */
  readonly byDataStore: ReadonlyMap<string, readonly CompiledConnection[]>;
  /** Data store → name of a group that scopes name → the connections that name it. */
  readonly scopeGroups: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
  /** Connections whose removal this replica has seen. */
  readonly removed: ReadonlySet<string>;
}

export type CatalogListener = () => void;

/** Follows the configuration topic and keeps the present `Catalog`. */
export class ConnectionCatalog {
  readonly #log: Logger;
  readonly #canSeal: boolean;
  readonly #entries = new Map<string, CatalogEntry>();
  readonly #removed = new Set<string>();
  readonly #listeners = new Set<CatalogListener>();
  #current: Catalog | undefined;

  /** `canSeal`: a key is there, so that masked values can be mapped. */
  constructor(options: { readonly log: Logger; readonly canSeal: boolean }) {
    this.#log = options.log;
    this.#canSeal = options.canSeal;
  }

  get current(): Catalog {
    this.#current ??= snapshot(this.#entries, this.#removed);
    return this.#current;
  }

  onChange(listener: CatalogListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Takes a record of the configuration topic; `key` is `<kind>/<name>`, null a removal. */
  take(key: string, record: ConfigurationRecord | null): void {
    const [kind, name] = key.split('/');
    if (kind !== 'SpConnection' || name === undefined) return;
    if (record === null) this.#remove(name);
    else if (record.document.kind === 'SpConnection') this.#put(name, record.document, record.version);
    this.#current = undefined;
    for (const listener of this.#listeners) listener();
  }

  #put(name: string, document: SpConnection, version: number): void {
    const known = this.#entries.get(name);
    if (known !== undefined && known.version >= version) return;
    const entry = this.#compile(name, document, version);
    this.#entries.set(name, entry);
    this.#removed.delete(name);
    if (entry.problem !== undefined)
      this.#log.warn('An SP connection cannot be used: its objects are not mapped until its configuration is changed', {
        spConnection: name,
        version,
        problem: entry.problem,
      });
    else if (!document.spec.active)
      this.#log.info('An SP connection is inactive: it gets no commands, and its accounts stay as they are', {
        spConnection: name,
        version,
      });
    else this.#log.info('Configuration of an SP connection taken over', { spConnection: name, version });
  }

  #remove(name: string): void {
    this.#removed.add(name);
    if (this.#entries.delete(name))
      this.#log.info('An SP connection was removed: it gets no more commands, and its accounts stay as they are', {
        spConnection: name,
      });
  }

  #compile(name: string, document: SpConnection, version: number): CatalogEntry {
    const unusable = (problem: string): CatalogEntry => ({ name, version, connection: undefined, problem });
    if (!this.#canSeal && masksValues(document))
      return unusable('It masks attribute values, but PROVISOR_KEY is not set, so that they cannot be sealed.');
    try {
      return { name, version, connection: compileConnection(document, version), problem: undefined };
    } catch (error) {
      if (!(error instanceof ConfigurationProblem)) throw error;
      return unusable(
        error.faults.map((fault) => `${fault.path}: ${fault.message} (expected ${fault.expected})`).join(' '),
      );
    }
  }
}

/** Generated values are masked as well, but made by the dispatcher: nothing has to be sealed here. */
function masksValues(document: SpConnection): boolean {
  return document.spec.channels
    .flatMap((channel) => [...Object.values(channel.attributes), ...Object.values(channel.groupAttributes)])
    .some((rule) => typeof rule === 'object' && 'masked' in rule && rule.masked && !('generate' in rule));
}

function snapshot(entries: ReadonlyMap<string, CatalogEntry>, removed: ReadonlySet<string>): Catalog {
  const byDataStore = new Map<string, CompiledConnection[]>();
  const scopeGroups = new Map<string, Map<string, string[]>>();
  for (const { name, connection } of entries.values()) {
    if (connection === undefined) continue;
    for (const dataStore of new Set(connection.channels.map((channel) => channel.dataStore)))
      byDataStore.set(dataStore, [...(byDataStore.get(dataStore) ?? []), connection]);
    for (const { dataStore, dnOrId } of scopeGroupsOf(connection)) {
      const names = scopeGroups.get(dataStore) ?? new Map<string, string[]>();
      const group = scopeGroupName(dnOrId);
      names.set(group, [...(names.get(group) ?? []), name]);
      scopeGroups.set(dataStore, names);
    }
  }
  return { entries: new Map(entries), byDataStore, scopeGroups, removed: new Set(removed) };
}
