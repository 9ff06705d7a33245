import { SourceProblem, type Touch } from '@provisor/provisioning';
import {
  AndFilter,
  EqualityFilter,
  GreaterThanEqualsFilter,
  LessThanEqualsFilter,
  OrFilter,
  SubstringFilter,
  type Filter,
} from 'ldapts';
import type { LdapConnection } from '../connection/ldap-connection.js';
import { CHANGE_LOG_ATTRIBUTES, parseChangeLogEntry, type ChangeLogEntry } from './change-log-entry.js';

/** Changes that are looked through at once. */
const MOST_AHEAD = 20_000;
/** So many leavers at once are a mass change themselves, in which nobody goes before the others. */
const MOST_URGENT = 100;
/** So many deletions that wait are remembered; any bound that stops deletions is passed long before. */
const MOST_REMEMBERED = 100_000;

export interface Ahead {
  /** Those of whoever leaves, told once. */
  readonly urgent: readonly Touch[];
  /** The names in all other deletions that were seen and still wait. */
  readonly deletions: readonly string[];
}

/**
 * Looks through the changes that wait in a change log, each once, for those of whoever leaves: deletions, and changes that touch the
 * account status. The directory picks them out, so that no value of a change is read. One that cannot do so is asked no more;
 * everything comes in its turn all the same.
 */
export class LookAhead {
  private readonly connection: LdapConnection;
  private readonly base: string;
  private readonly leaving: Filter;
  private readonly concerns: (touch: Touch) => boolean;
  /** The last change that was looked at. */
  private seen = 0;
  private waiting: readonly { readonly number: number; readonly dn: string }[] = [];
  /** The connection on which the directory refused. */
  private refusedConnection = -1;

  /** @param o.statusAttribute says whether an account is enabled */
  constructor(o: {
    connection: LdapConnection;
    base: string;
    concerns: (touch: Touch) => boolean;
    statusAttribute: string | undefined;
  }) {
    this.connection = o.connection;
    this.base = o.base;
    this.concerns = o.concerns;
    this.leaving =
      o.statusAttribute === undefined
        ? DELETED
        : new OrFilter({
            filters: [
              DELETED,
              new SubstringFilter({ attribute: 'changes', initial: '', any: [`: ${o.statusAttribute}`], final: '' }),
            ],
          });
  }

  /** The log is read from its end on, or is another one. */
  forget(): void {
    this.seen = 0;
    this.waiting = [];
  }

  /** @param behind how many changes wait after the number `passed` */
  async after(passed: number, behind: number, signal: AbortSignal): Promise<Ahead> {
    this.waiting = this.waiting.filter(({ number }) => number > passed);
    const urgent = await this.search(passed, behind, signal);
    return { urgent, deletions: this.waiting.map(({ dn }) => dn) };
  }

  private async search(passed: number, behind: number, signal: AbortSignal): Promise<Touch[]> {
    const from = Math.max(passed, this.seen) + 1;
    const to = Math.min(passed + behind, from + MOST_AHEAD - 1);
    if (from > to || this.refusedConnection === this.connection.connectionSerial) return [];
    try {
      const found = await this.picked(this.leaving, { from, to, most: MOST_URGENT }, signal);
      const mass = found.length >= MOST_URGENT;
      if (mass) this.remember(await this.picked(DELETED, { from, to, most: MOST_AHEAD }, signal));
      this.seen = to;
      return mass ? [] : found.map(({ touch }) => touch).filter(this.concerns);
    } catch (error) {
      if (signal.aborted || !(error instanceof SourceProblem) || error.kind === 'unreachable') throw error;
      this.refusedConnection = this.connection.connectionSerial;
      return [];
    }
  }

  private remember(entries: readonly ChangeLogEntry[]): void {
    const deletions = entries.filter(({ touch }) => this.concerns(touch));
    this.waiting = [...this.waiting, ...deletions.map(({ number, touch }) => ({ number, dn: touch.dn }))].slice(
      0,
      MOST_REMEMBERED,
    );
  }

  private async picked(
    filter: Filter,
    { from, to, most }: { from: number; to: number; most: number },
    signal: AbortSignal,
  ): Promise<ChangeLogEntry[]> {
    const entries = await this.connection.search(
      {
        base: this.base,
        scope: 'one',
        filter: new AndFilter({
          filters: [
            new GreaterThanEqualsFilter({ attribute: 'changeNumber', value: String(from) }),
            new LessThanEqualsFilter({ attribute: 'changeNumber', value: String(to) }),
            filter,
          ],
        }),
        attributes: CHANGE_LOG_ATTRIBUTES,
        sizeLimit: most,
        doing: `looking ahead in the change log ${this.base}`,
      },
      signal,
    );
    return entries.map(parseChangeLogEntry).filter((entry) => entry !== undefined);
  }
}

const DELETED = new EqualityFilter({ attribute: 'changeType', value: 'delete' });
