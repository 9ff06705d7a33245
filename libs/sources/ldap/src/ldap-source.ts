import { durationMs, type LdapDataStoreSpec, type ObjectType } from '@provisor/contracts';
import {
  isUnder,
  SourceProblem,
  type FeedCursor,
  type FeedLook,
  type ObjectSource,
  type SourceDescription,
  type SourceItem,
} from '@provisor/provisioning';
import { AndFilter, FilterParser, OrFilter, type Filter } from 'ldapts';
import { LdapConnection, type SearchRequest } from './connection/ldap-connection.js';
import { NO_SUCH_OBJECT, resultCodeOf } from './connection/ldap-problem.js';
import { EntryReader } from './entry/entry-reader.js';
import { objectIdFilter } from './entry/object-id.js';
import { ChangeLogFeed } from './feed/change-log-feed.js';
import { TimestampFeed } from './feed/timestamp-feed.js';

const CHANGE_LOG_INTERVAL_MS = 50;
const BUSY_INTERVAL_MS = 10;
const POLL_INTERVAL_MS = 5_000;
/** Requests in flight on the one connection. */
const READS_AT_ONCE = 16;
const IDS_PER_SEARCH = 50;
const TYPES: readonly ObjectType[] = ['group', 'user'];

export interface LdapSourceOptions {
  readonly spec: LdapDataStoreSpec;
  /** Asked for at every connect. Required where the specification has a bind. */
  readonly password?: () => Promise<string>;
  readonly now?: () => number;
}

interface Part {
  readonly base: string;
  readonly filter: Filter;
}

/** An LDAP directory: full reads by page, and a live feed from its change log or by modify timestamps. */
export class LdapSource implements ObjectSource {
  private readonly spec: LdapDataStoreSpec;
  private readonly connection: LdapConnection;
  private readonly reader: EntryReader;
  private readonly parts: Readonly<Record<ObjectType, Part>>;
  private readonly changeLog: ChangeLogFeed;
  private readonly timestamps: TimestampFeed;
  private feed: 'changelog' | 'poll' | undefined;

  /** Throws SourceProblem when a filter or a name of the specification cannot be read. */
  constructor(o: LdapSourceOptions) {
    const { spec } = o;
    this.spec = spec;
    this.reader = new EntryReader(spec);
    this.connection = new LdapConnection({
      url: spec.url,
      startTls: spec.startTls,
      timeoutMs: durationMs(spec.timeout),
      ...(spec.caFile === undefined ? {} : { caFile: spec.caFile }),
      ...(spec.bind === undefined
        ? {}
        : { bind: { dn: spec.bind.dn, password: o.password ?? (() => Promise.resolve('')) } }),
    });
    this.parts = {
      user: { base: spec.users.base ?? spec.baseDn, filter: parsedFilter('users.filter', spec.users.filter) },
      group: { base: spec.groups.base ?? spec.baseDn, filter: parsedFilter('groups.filter', spec.groups.filter) },
    };
    for (const { base } of Object.values(this.parts)) covers(base, base);
    this.changeLog = new ChangeLogFeed({
      connection: this.connection,
      base: spec.changelogBase,
      covers: (dn) => TYPES.some((type) => overlaps(this.parts[type].base, dn)),
      statusAttribute: spec.accountStatus?.attribute,
      now: o.now ?? Date.now,
    });
    this.timestamps = new TimestampFeed({
      changedSince: (timestamp, signal) => this.changedSince(timestamp, signal),
      now: o.now ?? Date.now,
    });
  }

  async describe(signal: AbortSignal): Promise<SourceDescription> {
    for (const base of new Set([this.spec.baseDn, ...TYPES.map((type) => this.parts[type].base)]))
      await this.requireBase(base, signal);
    const obstacle = this.spec.feed === 'poll' ? undefined : await this.changeLog.obstacle(signal);
    if (this.spec.feed === 'changelog' && obstacle !== undefined)
      throw new SourceProblem('configuration', `The change log cannot be used: ${obstacle} (${this.spec.url}).`);
    this.feed = this.spec.feed === 'poll' || obstacle !== undefined ? 'poll' : 'changelog';
    const given = this.spec.interval === undefined ? undefined : durationMs(this.spec.interval);
    const polled = `Changes are found by ${this.spec.timestampAttribute}; deletions by full comparisons only (compareEvery ${this.spec.compareEvery}).`;
    return {
      feed: this.feed,
      intervalMs: given ?? (this.feed === 'changelog' ? CHANGE_LOG_INTERVAL_MS : POLL_INTERVAL_MS),
      ...(given === undefined && this.feed === 'changelog' ? { busyIntervalMs: BUSY_INTERVAL_MS } : {}),
      reportsDeletions: this.feed === 'changelog',
      notes: [
        ...(obstacle === undefined ? [] : [`The change log is not used: ${obstacle}.`]),
        ...(this.feed === 'poll' ? [polled] : []),
      ],
    };
  }

  async *read(type: ObjectType, signal: AbortSignal): AsyncGenerator<readonly SourceItem[]> {
    const { base, filter } = this.parts[type];
    yield* this.pagesOf(type, { base, filter, doing: `reading all ${type}s below ${base}` }, signal);
  }

  async readByDn(dns: readonly string[], signal: AbortSignal): Promise<readonly SourceItem[]> {
    const found: SourceItem[] = [];
    for (let at = 0; at < dns.length; at += READS_AT_ONCE) {
      const reads = dns.slice(at, at + READS_AT_ONCE).map((dn) => this.readOne(dn, signal));
      found.push(...(await Promise.all(reads)).filter((item) => item !== undefined));
    }
    return found;
  }

  async *readBelow(dn: string, signal: AbortSignal): AsyncGenerator<readonly SourceItem[]> {
    for (const type of TYPES) {
      const { base, filter } = this.parts[type];
      const from = covers(base, dn) ? dn : covers(dn, base) ? base : undefined;
      if (from === undefined) continue;
      try {
        yield* this.pagesOf(type, { base: from, filter, doing: `reading what lies below ${from}` }, signal);
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    }
  }

  async readById(ids: readonly string[], signal: AbortSignal): Promise<readonly SourceItem[]> {
    const found: SourceItem[] = [];
    for (let at = 0; at < ids.length; at += IDS_PER_SEARCH) {
      const wanted = ids.slice(at, at + IDS_PER_SEARCH).map((id) => objectIdFilter(this.spec.idAttribute, id));
      const anyOf = wanted.length === 1 && wanted[0] !== undefined ? wanted[0] : new OrFilter({ filters: wanted });
      for (const type of TYPES) {
        const { base, filter } = this.parts[type];
        const search = { base, filter: new AndFilter({ filters: [anyOf, filter] }), doing: 'looking entries up by id' };
        for await (const page of this.pagesOf(type, search, signal)) found.push(...page);
      }
    }
    return found;
  }

  async position(signal: AbortSignal): Promise<FeedCursor> {
    return (await this.feedInUse(signal)) === 'changelog'
      ? this.changeLog.position(signal)
      : this.timestamps.position();
  }

  async look(after: FeedCursor, signal: AbortSignal): Promise<FeedLook> {
    const feed = await this.feedInUse(signal);
    if (after['feed'] !== feed)
      return { kind: 'gap', reason: `the feed is now ${feed}, which cannot go on from ${String(after['feed'])}` };
    return feed === 'changelog' ? this.changeLog.look(after, signal) : this.timestamps.look(after, signal);
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  private async feedInUse(signal: AbortSignal): Promise<'changelog' | 'poll'> {
    if (this.feed === undefined) await this.describe(signal);
    return this.feed ?? 'poll';
  }

  private async requireBase(base: string, signal: AbortSignal): Promise<void> {
    const doing = `looking for ${base}`;
    const search = { base, scope: 'base', filter: '(objectClass=*)', attributes: ['1.1'], doing } as const;
    const words = `The base ${base} does not exist in ${this.spec.url}, or the bind has no right to see it.`;
    try {
      if ((await this.connection.search(search, signal)).length > 0) return;
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    throw new SourceProblem('configuration', words);
  }

  /** One entry, as a user if it is one, otherwise as a group: so a full read ends, and most changes are of users. */
  private async readOne(dn: string, signal: AbortSignal): Promise<SourceItem | undefined> {
    const read = async (type: ObjectType): Promise<SourceItem | undefined> => {
      const { base, filter } = this.parts[type];
      if (!covers(base, dn)) return undefined;
      const request = {
        base: dn,
        scope: 'base',
        filter,
        attributes: this.reader.requested,
        doing: `reading ${dn}`,
      } as const;
      const [entry] = await this.connection.search(request, signal).catch((error: unknown) => {
        if (isMissing(error)) return [];
        throw error;
      });
      return entry === undefined ? undefined : this.reader.read(type, entry);
    };
    return (await read('user')) ?? read('group');
  }

  private async *changedSince(timestamp: string, signal: AbortSignal): AsyncGenerator<readonly SourceItem[]> {
    const { timestampAttribute } = this.spec;
    const changed = FilterParser.parseString(`(${timestampAttribute}>=${timestamp})`);
    for (const type of TYPES) {
      const { base, filter } = this.parts[type];
      const search = {
        base,
        filter: new AndFilter({ filters: [filter, changed] }),
        doing: `looking for changed ${type}s`,
      };
      yield* this.pagesOf(type, search, signal);
    }
  }

  private async *pagesOf(
    type: ObjectType,
    search: Pick<SearchRequest, 'base' | 'filter' | 'doing'>,
    signal: AbortSignal,
  ): AsyncGenerator<readonly SourceItem[]> {
    const request: SearchRequest = { ...search, scope: 'sub', attributes: this.reader.requested };
    for await (const page of this.connection.pages(request, this.spec.pageSize, signal))
      yield page.map((entry) => this.reader.read(type, entry));
  }
}

/** Whether `dn` is `base` or lies below it. A name that cannot be read lies nowhere. */
function covers(base: string, dn: string): boolean {
  try {
    return isUnder(dn, base);
  } catch (error) {
    if (base === dn) throw new SourceProblem('configuration', `The base ${base} is not a name (DN).`, error);
    return false;
  }
}

/** Whether a change at `dn` or below it may concern what lies below `base`. */
const overlaps = (base: string, dn: string): boolean => covers(base, dn) || covers(dn, base);

const isMissing = (error: unknown): boolean =>
  error instanceof SourceProblem && resultCodeOf(error.cause) === NO_SUCH_OBJECT;

function parsedFilter(where: string, text: string): Filter {
  try {
    return FilterParser.parseString(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SourceProblem('configuration', `The filter ${where} "${text}" cannot be read: ${why}.`, error);
  }
}
