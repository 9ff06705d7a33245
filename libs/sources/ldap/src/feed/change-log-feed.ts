import { SourceProblem, type FeedCursor, type FeedLook, type Touch } from '@provisor/provisioning';
import {
  AndFilter,
  EqualityFilter,
  GreaterThanEqualsFilter,
  LessThanEqualsFilter,
  OrFilter,
  SubstringFilter,
  type Entry,
} from 'ldapts';
import type { LdapConnection } from '../connection/ldap-connection.js';
import { INSUFFICIENT_ACCESS, NO_SUCH_OBJECT, resultCodeOf } from '../connection/ldap-problem.js';
import { CHANGE_LOG_ATTRIBUTES, parseChangeLogEntry, type ChangeLogEntry } from './change-log-entry.js';

/** Most changes of one look; few enough that whoever leaves while many changes wait is looked for several times a second. */
const CHUNK = 200;
/** Changes that are looked through at once for those of whoever leaves. */
const MOST_AHEAD = 20_000;
/** So many leavers at once are a mass change themselves, in which nobody goes before the others. */
const MOST_URGENT = 100;
/**
 * So many are read by their names: a server finds a name at once, while some go through the whole log for a range of numbers.
 * draft-good-ldap-changelog, section 4: an entry is named by its number.
 */
const BY_NAME = CHUNK;
/** Requests in flight on the one connection. */
const READS_AT_ONCE = 64;

interface Bounds {
  readonly first: number | undefined;
  readonly last: number | undefined;
}

/**
 * Reads a directory's change log (`cn=changelog`). While nothing happens, a look costs one read of the root DSE. The change that was
 * read last is read again with the next ones: if it is not the same any more, the log belongs to another server or was started anew.
 */
export class ChangeLogFeed {
  private readonly connection: LdapConnection;
  private readonly base: string;
  private readonly covers: (dn: string) => boolean;
  private readonly statusAttribute: string | undefined;
  private verifiedConnection = -1;
  /** The last change that was looked at for whether it is urgent. */
  private lookedAhead = 0;
  /** The connection on which the directory refused to look ahead. */
  private refusedConnection = -1;

  /** @param o.statusAttribute says whether an account is enabled */
  constructor(o: {
    connection: LdapConnection;
    base: string;
    covers: (dn: string) => boolean;
    statusAttribute?: string | undefined;
  }) {
    this.connection = o.connection;
    this.base = o.base;
    this.covers = o.covers;
    this.statusAttribute = o.statusAttribute;
  }

  /** Undefined when the change log can be read, otherwise why it cannot. */
  async obstacle(signal: AbortSignal): Promise<string | undefined> {
    const { last } = await this.bounds(signal);
    const doing = `looking for the change log ${this.base}`;
    const search = { base: this.base, scope: 'base', filter: '(objectClass=*)', attributes: ['1.1'], doing } as const;
    try {
      const found = await this.connection.search(search, signal);
      if (found.length === 0) return `the bind has no right to read ${this.base}`;
      if (last !== undefined && last > 0 && (await this.range(last, 1, signal)).length === 0)
        return `the bind has no right to read the changes in ${this.base}`;
      return undefined;
    } catch (error) {
      const code = error instanceof SourceProblem ? resultCodeOf(error.cause) : undefined;
      if (code === NO_SUCH_OBJECT)
        return `the directory has no change log at ${this.base}, or the bind has no right to see it`;
      if (code === INSUFFICIENT_ACCESS) return `the bind has no right to read ${this.base}`;
      throw error;
    }
  }

  async position(signal: AbortSignal): Promise<FeedCursor> {
    const { last } = await this.bounds(signal);
    const number = last ?? (await this.lastNumber(signal));
    const [entry] = number === 0 ? [] : await this.range(number, 1, signal);
    return { feed: 'changelog', number, mark: entry?.mark ?? '' };
  }

  async look(after: FeedCursor, signal: AbortSignal): Promise<FeedLook> {
    const number = Number(after['number']);
    const mark = String(after['mark'] ?? '');
    const { first, last } = await this.bounds(signal);
    const gap = gapOf(number, { first, last });
    if (gap !== undefined) return { kind: 'gap', reason: gap };
    const sameConnection = this.verifiedConnection === this.connection.connectionSerial;
    if (last === number && sameConnection) return { kind: 'touches', touches: [], cursor: after, behind: 0 };

    const entries = await this.from(Math.max(number, 1), last, signal);
    if (number > 0 && mark !== '' && !entries.some((entry) => entry.number === number && entry.mark === mark))
      return {
        kind: 'gap',
        reason: `change ${number} of the change log is not the one that was read before: the log was started anew`,
      };
    this.verifiedConnection = this.connection.connectionSerial;
    const look = this.answer(after, entries, last);
    if (look.behind === 0) return look;
    return { ...look, urgent: await this.urgent(Number(look.cursor['number']), look.behind, signal) };
  }

  /**
   * Of the changes behind a look: deletions, and those that touch the account status. The directory picks them out, so that no value
   * of a change is read. One that cannot do so is asked no more; everything comes in its turn all the same.
   */
  private async urgent(passed: number, behind: number, signal: AbortSignal): Promise<Touch[]> {
    const { connection, base, statusAttribute } = this;
    const from = Math.max(passed, Math.min(this.lookedAhead, passed + behind)) + 1;
    const to = Math.min(passed + behind, from + MOST_AHEAD - 1);
    if (from > to || this.refusedConnection === connection.connectionSerial) return [];
    const leaves = [
      new EqualityFilter({ attribute: 'changeType', value: 'delete' }),
      ...(statusAttribute === undefined
        ? []
        : [new SubstringFilter({ attribute: 'changes', initial: '', any: [`: ${statusAttribute}`], final: '' })]),
    ];
    const search = {
      base,
      scope: 'one',
      filter: new AndFilter({
        filters: [
          new GreaterThanEqualsFilter({ attribute: 'changeNumber', value: String(from) }),
          new LessThanEqualsFilter({ attribute: 'changeNumber', value: String(to) }),
          new OrFilter({ filters: leaves }),
        ],
      }),
      attributes: CHANGE_LOG_ATTRIBUTES,
      sizeLimit: MOST_URGENT,
      doing: `looking ahead in the change log ${base}`,
    } as const;
    try {
      const found = await connection.search(search, signal);
      this.lookedAhead = to;
      if (found.length >= MOST_URGENT) return [];
      const entries = found.map(parseChangeLogEntry).filter((entry) => entry !== undefined);
      return entries.map(({ touch }) => touch).filter((touch) => this.concerns(touch));
    } catch (error) {
      if (signal.aborted || !(error instanceof SourceProblem) || error.kind === 'unreachable') throw error;
      this.refusedConnection = connection.connectionSerial;
      return [];
    }
  }

  private answer(
    after: FeedCursor,
    entries: readonly ChangeLogEntry[],
    last: number | undefined,
  ): Extract<FeedLook, { kind: 'touches' }> {
    const number = Number(after['number']);
    const fresh = entries.filter((entry) => entry.number > number).sort((a, b) => a.number - b.number);
    const newest = fresh.at(-1);
    // Numbers may be missing in between; the window moves on over them.
    const passed = newest?.number ?? Math.min(last ?? number, number + CHUNK);
    return {
      kind: 'touches',
      touches: fresh.map((entry) => entry.touch).filter((touch) => this.concerns(touch)),
      cursor: {
        feed: 'changelog',
        number: passed,
        mark: newest?.mark ?? (passed === number ? String(after['mark'] ?? '') : ''),
      },
      behind: Math.max(0, (last ?? passed) - passed),
    };
  }

  private concerns(touch: Touch): boolean {
    return this.covers(touch.dn) || (touch.newDn !== undefined && this.covers(touch.newDn));
  }

  private async bounds(signal: AbortSignal): Promise<Bounds> {
    const [dse] = await this.connection.search(
      {
        base: '',
        scope: 'base',
        filter: '(objectClass=*)',
        attributes: ['firstChangeNumber', 'lastChangeNumber'],
        doing: 'reading the root DSE',
      },
      signal,
    );
    return { first: numberOf(dse, 'firstchangenumber'), last: numberOf(dse, 'lastchangenumber') };
  }

  /** The changes from a number on, at most one chunk after it. */
  private async from(first: number, last: number | undefined, signal: AbortSignal): Promise<ChangeLogEntry[]> {
    const named = last === undefined || last - first >= BY_NAME ? undefined : await this.named(first, last, signal);
    return named ?? this.range(first, CHUNK + 1, signal);
  }

  /** Undefined where one is missing, or the server names them otherwise: the range has the say then. */
  private async named(first: number, last: number, signal: AbortSignal): Promise<ChangeLogEntry[] | undefined> {
    const found: ChangeLogEntry[] = [];
    for (let at = first; at <= last; at += READS_AT_ONCE) {
      const count = Math.min(READS_AT_ONCE, last - at + 1);
      const reads = Array.from({ length: count }, (_, index) => this.byName(at + index, signal));
      found.push(...(await Promise.all(reads)).filter((entry) => entry !== undefined));
      if (found.length < at + count - first) return undefined;
    }
    return found;
  }

  private async byName(number: number, signal: AbortSignal): Promise<ChangeLogEntry | undefined> {
    const search = {
      base: `changeNumber=${number},${this.base}`,
      scope: 'base',
      filter: '(objectClass=*)',
      attributes: CHANGE_LOG_ATTRIBUTES,
      doing: `reading change ${number} of ${this.base}`,
    } as const;
    const [entry] = await this.connection.search(search, signal).catch((error: unknown) => {
      if (error instanceof SourceProblem && resultCodeOf(error.cause) === NO_SUCH_OBJECT) return [];
      throw error;
    });
    return entry === undefined ? undefined : parseChangeLogEntry(entry);
  }

  private async range(from: number, count: number, signal: AbortSignal): Promise<ChangeLogEntry[]> {
    const entries = await this.connection.search(
      {
        base: this.base,
        scope: 'one',
        filter: `(&(changeNumber>=${from})(changeNumber<=${from + count - 1}))`,
        attributes: CHANGE_LOG_ATTRIBUTES,
        doing: `reading the change log ${this.base}`,
      },
      signal,
    );
    return entries.map(parseChangeLogEntry).filter((entry) => entry !== undefined);
  }

  /** For servers whose root DSE does not tell. */
  private async lastNumber(signal: AbortSignal): Promise<number> {
    const search = {
      base: this.base,
      scope: 'one',
      filter: '(changeNumber>=1)',
      attributes: CHANGE_LOG_ATTRIBUTES,
      doing: `finding the end of the change log ${this.base}`,
    } as const;
    let last = 0;
    for await (const page of this.connection.pages(search, CHUNK, signal))
      for (const entry of page) last = Math.max(last, parseChangeLogEntry(entry)?.number ?? 0);
    return last;
  }
}

/** Why the changes after `number` cannot be had any more; undefined when they can. */
export function gapOf(number: number, { first, last }: Bounds): string | undefined {
  if (last !== undefined && last < number)
    return `the change log went back from change ${number} to ${last}: the directory was replaced or restored`;
  if (first !== undefined && first > number + 1)
    return `the change log was trimmed: change ${number + 1} is gone, the oldest one left is ${first}`;
  return undefined;
}

function numberOf(dse: Entry | undefined, name: string): number | undefined {
  const found = Object.entries(dse ?? {}).find(([attribute]) => attribute.toLowerCase() === name)?.[1];
  const text = (Array.isArray(found) ? found[0] : found)?.toString();
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
