import type {
  AuditStore,
  Database,
  DeadLetterFilter,
  DeadLetterStore,
  Outbox,
  OutgoingRecordLike,
  StoredDeadLetter,
} from '@provisor/persistence';
import type { Caller } from '../http/endpoint.js';
import { notFound } from '../http/problem.js';
import type { NewerRecords } from './newer-records.js';
import { isSnapshot, replayOf } from './replay-record.js';

export interface ReplayReport {
  readonly dryRun: boolean;
  /** Published again, or with a dry run: would be. */
  readonly replayed: readonly string[];
  readonly skipped: readonly { readonly id: string; readonly reason: string }[];
  /** More letters fit the query than one request replays. */
  readonly more: boolean;
}

export interface ReplayDependencies {
  readonly database: Database;
  readonly deadLetters: DeadLetterStore;
  readonly audit: AuditStore;
  readonly outbox: Outbox;
  readonly newer: NewerRecords;
  readonly now: () => Date;
  /** Called after a commit that left records in the outbox. */
  readonly committed: () => void;
}

interface Planned {
  readonly letter: StoredDeadLetter;
  readonly record: OutgoingRecordLike;
}

/**
 * Publishes the records of dead letters again, each once: the mark on the letter, the record in the outbox and the audit entry are
 * one transaction. A record that fails again comes back as a letter of its own.
 */
export class Replays {
  readonly #deps: ReplayDependencies;

  constructor(dependencies: ReplayDependencies) {
    this.#deps = dependencies;
  }

  /** Throws a problem where there is no such letter. */
  async one(id: string, o: { dryRun: boolean; caller: Caller }): Promise<ReplayReport> {
    const letter = await this.#deps.deadLetters.find(id);
    if (!letter) throw notFound(`There is no dead letter "${id}".`);
    return this.#replay([letter], { ...o, more: false });
  }

  /** The oldest open letters that fit, at most `limit`. */
  async matching(
    filter: DeadLetterFilter,
    o: { dryRun: boolean; caller: Caller; limit: number },
  ): Promise<ReplayReport> {
    const found = await this.#deps.deadLetters.oldest(filter, o.limit + 1);
    return this.#replay(found.slice(0, o.limit), { ...o, more: found.length > o.limit });
  }

  async #replay(
    letters: readonly StoredDeadLetter[],
    o: { dryRun: boolean; caller: Caller; more: boolean },
  ): Promise<ReplayReport> {
    const { planned, skipped } = await this.#plan(letters);
    if (o.dryRun) return { dryRun: true, replayed: planned.map(idOf), skipped, more: o.more };
    const claimed = await this.#publish(planned, o.caller);
    return {
      dryRun: false,
      replayed: planned.map(idOf).filter((id) => claimed.has(id)),
      skipped: [
        ...skipped,
        ...planned
          .map(idOf)
          .filter((id) => !claimed.has(id))
          .map((id) => ({ id, reason: 'Somebody else has just replayed it.' })),
      ],
      more: o.more,
    };
  }

  async #plan(letters: readonly StoredDeadLetter[]): Promise<{ planned: Planned[]; skipped: ReplayReport['skipped'] }> {
    const planned: Planned[] = [];
    const skipped: { id: string; reason: string }[] = [];
    for (const letter of letters) {
      const { id } = letter.letter;
      const replay = replayOf(letter.letter);
      if (letter.replayedAt !== null) skipped.push({ id, reason: alreadyReplayed(letter) });
      else if (replay.kind === 'impossible') skipped.push({ id, reason: replay.reason });
      else planned.push({ letter, record: replay.record });
    }
    const snapshots = planned.filter(({ record }) => isSnapshot(record.topic));
    const overtaken = await this.#deps.newer.of(snapshots.map(({ letter }) => letter.letter));
    return {
      planned: planned.filter((one) => !overtaken.has(idOf(one))),
      skipped: [...skipped, ...[...overtaken].map((id) => ({ id, reason: OVERTAKEN }))],
    };
  }

  async #publish(planned: readonly Planned[], caller: Caller): Promise<ReadonlySet<string>> {
    if (planned.length === 0) return new Set();
    const { database, deadLetters, audit, outbox, now, committed } = this.#deps;
    const at = now();
    const claimed = await database.transaction(async (tx) => {
      const mine = await deadLetters.claim(tx, planned.map(idOf), { at, by: caller.actor });
      const due = planned.filter((one) => mine.has(idOf(one)));
      await outbox.append(
        tx,
        due.map(({ record }) => record),
      );
      for (const one of due)
        await audit.append(tx, {
          at,
          actor: caller.actor,
          action: 'dead-letter.replayed',
          subject: `DeadLetter/${idOf(one)}`,
          requestId: caller.requestId,
          details: { topic: one.record.topic, code: one.letter.letter.cause.code },
        });
      return mine;
    });
    committed();
    return claimed;
  }
}

const OVERTAKEN = 'A newer record of the same object stands on the topic; the older one must not come after it.';

const idOf = ({ letter }: Planned): string => letter.letter.id;

function alreadyReplayed({ replayedAt, failedAgainAs }: StoredDeadLetter): string {
  const again = failedAgainAs === null ? '' : ` It failed again as ${failedAgainAs}; replay that one.`;
  return `It was replayed at ${replayedAt?.toISOString() ?? 'an earlier time'}.${again}`;
}
