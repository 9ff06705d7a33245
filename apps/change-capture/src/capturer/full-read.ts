import type { ObjectType } from '@provisor/contracts';
import { PENDING } from '@provisor/persistence';
import type { ObjectSource, SourceItem } from '@provisor/provisioning';
import {
  judgeComparison,
  removalWindow,
  type ComparisonCounts,
  type HealthBounds,
  type Verdict,
} from '../health/health-gate.js';
import { occurrenceOf, type CapturedObject, type UnreadableItem } from '../objects/captured-object.js';
import type { CaptureLedger } from './capture-ledger.js';

/** Entries that are confirmed and removed in one go after a full read. */
const REMOVALS_AT_ONCE = 500;

export interface FullReadParts {
  readonly source: ObjectSource;
  readonly ledger: CaptureLedger;
  readonly bounds: HealthBounds;
  readonly now: () => Date;
  /** Told after each page how many objects have been read. */
  readonly onProgress: (read: number) => void;
}

export interface FullReadOptions {
  /** Nothing is known yet: pages are read ahead, and records wait until what they refer to has been read. */
  readonly first: boolean;
  /** A person has said that the data store is right as it is: whatever is missing is gone. */
  readonly accepted: boolean;
  /** Called between two pages, so that live changes need not wait for the end. Not in a first read. */
  readonly between: () => Promise<void>;
}

export interface FullReadResult extends ComparisonCounts {
  readonly verdict: Verdict;
  readonly removed: number;
}

/**
 * Reads a data store completely, page by page, in bounded memory: stores what is new or different, and removes what is known and was not
 * met, but only if the read is healthy, and each object only after it was looked up by its id. Without a first read nobody waits, so
 * groups are published before users and each user once, with all memberships and references.
 */
export class FullRead {
  private readonly parts: FullReadParts;
  private read = { users: 0, groups: 0 };

  constructor(parts: FullReadParts) {
    this.parts = parts;
  }

  async run(o: FullReadOptions, signal: AbortSignal): Promise<FullReadResult> {
    const { ledger } = this.parts;
    const known = await ledger.entries.population();
    const run = await ledger.beginRun();
    await this.readAll('group', o, signal);
    if (o.first) await ledger.publishPending(true);
    await this.readAll('user', o, signal);
    await ledger.publishPending(true);

    const missing = await ledger.entries.missingPopulation(run);
    const present = await ledger.entries.population();
    const recent = await ledger.entries.deletedSince(removalWindow(this.parts.now().getTime()));
    const counts = { known, read: this.read, missing, present, recent };
    const verdict: Verdict = o.accepted ? { kind: 'trusted' } : judgeComparison(counts, this.parts.bounds);
    const removed = verdict.kind === 'trusted' ? await this.removeMissing(run, signal) : 0;
    return { ...counts, verdict, removed };
  }

  private async readAll(type: ObjectType, o: FullReadOptions, signal: AbortSignal): Promise<void> {
    const pages = this.parts.source.read(type, signal);
    for await (const page of o.first ? readAhead(pages) : pages) {
      await this.store(page, type, o);
      const count = page.filter((item) => item.kind === 'object').length;
      this.read =
        type === 'user'
          ? { ...this.read, users: this.read.users + count }
          : { ...this.read, groups: this.read.groups + count };
      this.parts.onProgress(this.read.users + this.read.groups);
      if (!o.first) await o.between();
    }
  }

  private async store(page: readonly SourceItem[], type: ObjectType, o: FullReadOptions): Promise<void> {
    const { ledger, now } = this.parts;
    const snapshot = { detectedAt: now(), snapshot: true };
    const objects: CapturedObject[] = [];
    const unreadable: UnreadableItem[] = [];
    for (const item of page)
      if (item.kind === 'unreadable') unreadable.push(item);
      else objects.push({ object: item.object, occurrence: occurrenceOf([item.object.modifiedAt], snapshot) });
    const waits = o.first && type === 'group';
    await ledger.commit({
      objects,
      unreadable,
      pending: waits ? PENDING.afterRead : PENDING.publish,
      deferOpenReferences: o.first && type === 'user',
    });
  }

  /** A page that was cut short without a word looks like removals; so each is looked up by id first. */
  private async removeMissing(run: number, signal: AbortSignal): Promise<number> {
    const { ledger, source, now } = this.parts;
    let removed = 0;
    for (let after = ''; ;) {
      const ids = await ledger.entries.missing(run, after, REMOVALS_AT_ONCE);
      if (ids.length === 0) return removed;
      after = ids.at(-1) ?? after;
      const snapshot = { detectedAt: now(), snapshot: true };
      const found = (await source.readById(ids, signal)).filter((item) => item.kind === 'object');
      const there = new Set(found.map(({ object }) => object.objectId));
      const gone = ids.filter((id) => !there.has(id));
      removed += gone.length;
      await ledger.commit({
        objects: found.map(({ object }) => ({ object, occurrence: occurrenceOf([object.modifiedAt], snapshot) })),
        gone: { ids: gone, occurrence: occurrenceOf([], snapshot) },
      });
    }
  }
}

/** Asks for the next page while the present one is worked on. */
async function* readAhead<T>(pages: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = pages[Symbol.asyncIterator]();
  let next = iterator.next();
  for (;;) {
    const page = await next;
    if (page.done === true) return;
    next = iterator.next();
    // Its failure is met at the next turn; until then it must not count as unhandled.
    next.catch(() => undefined);
    yield page.value;
  }
}
