import { setMaxListeners } from 'node:events';
import { SourceProblem, type FeedCursor, type FeedLook, type Touch } from '@provisor/provisioning';
import type { Entry } from 'ldapts';
import type { LdapConnection } from '../connection/ldap-connection.js';
import { INSUFFICIENT_ACCESS, NO_SUCH_OBJECT, resultCodeOf } from '../connection/ldap-problem.js';
import { ChunkSize, MOST_CHANGES } from './chunk-size.js';
import { LookAhead } from './look-ahead.js';
import { CHANGE_LOG_ATTRIBUTES, parseChangeLogEntry, type ChangeLogEntry } from './change-log-entry.js';

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
  private readonly ahead: LookAhead;
  private readonly now: () => number;
  private readonly chunk = new ChunkSize();
  private verifiedConnection = -1;

  /** @param o.statusAttribute says whether an account is enabled */
  constructor(o: {
    connection: LdapConnection;
    base: string;
    covers: (dn: string) => boolean;
    statusAttribute?: string | undefined;
    now: () => number;
  }) {
    this.connection = o.connection;
    this.base = o.base;
    this.covers = o.covers;
    this.now = o.now;
    const { connection, base, statusAttribute } = o;
    this.ahead = new LookAhead({ connection, base, statusAttribute, concerns: (touch) => this.concerns(touch) });
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
    this.ahead.forget();
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

    // Where the directory does not tell its last change, nobody knows whether many wait.
    const most = last === undefined ? MOST_CHANGES : this.chunk.present;
    const began = this.now();
    const entries = await this.from({ first: Math.max(number, 1), last, most }, signal);
    const tookMs = this.now() - began;
    if (number > 0 && mark !== '' && !entries.some((entry) => entry.number === number && entry.mark === mark))
      return {
        kind: 'gap',
        reason: `change ${number} of the change log is not the one that was read before: the log was started anew`,
      };
    this.verifiedConnection = this.connection.connectionSerial;
    const look = this.answer(after, entries, { last, most });
    this.chunk.read(tookMs, look.behind);
    if (look.behind === 0) return look;
    const { urgent, deletions } = await this.ahead.after(Number(look.cursor['number']), look.behind, signal);
    return { ...look, urgent, deletionsBehind: deletions };
  }

  private answer(
    after: FeedCursor,
    entries: readonly ChangeLogEntry[],
    { last, most }: { last: number | undefined; most: number },
  ): Extract<FeedLook, { kind: 'touches' }> {
    const number = Number(after['number']);
    const fresh = entries.filter((entry) => entry.number > number).sort((a, b) => a.number - b.number);
    const newest = fresh.at(-1);
    // Numbers may be missing in between; the window moves on over them.
    const passed = newest?.number ?? Math.min(last ?? number, number + most);
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

  /**
   * The changes from a number on, at most so many after it. Read by their names where the last one is known: a server finds a name at
   * once, while some go through the whole log for a range of numbers. draft-good-ldap-changelog, section 4: an entry is named by its number.
   */
  private async from(
    { first, last, most }: { first: number; last: number | undefined; most: number },
    signal: AbortSignal,
  ): Promise<ChangeLogEntry[]> {
    const named = last === undefined ? undefined : await this.named(first, Math.min(last, first + most), signal);
    return named ?? this.range(first, most + 1, signal);
  }

  /** Undefined where one is missing, or the server names them otherwise: the range has the say then. */
  private async named(first: number, last: number, signal: AbortSignal): Promise<ChangeLogEntry[] | undefined> {
    const found: ChangeLogEntry[] = [];
    // Node takes so many listeners of one signal for a leak.
    const together = AbortSignal.any([signal]);
    setMaxListeners(READS_AT_ONCE, together);
    for (let at = first; at <= last; at += READS_AT_ONCE) {
      const count = Math.min(READS_AT_ONCE, last - at + 1);
      const reads = Array.from({ length: count }, (_, index) => this.byName(at + index, together));
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
    for await (const page of this.connection.pages(search, MOST_CHANGES, signal))
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
