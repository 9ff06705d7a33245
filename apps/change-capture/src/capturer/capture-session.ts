import { createHash } from 'node:crypto';
import { durationMs, type LdapDataStoreSpec } from '@provisor/contracts';
import type { CaptureCursor, CaptureRequests } from '@provisor/persistence';
import { canonicalJson, SourceProblem, type FeedCursor, type ObjectSource, type Touch } from '@provisor/provisioning';
import type { Logger } from '@provisor/telemetry';
import { judgeDeletions, removalWindow } from '../health/health-gate.js';
import { dnKey } from '../names/dn-key.js';
import type { CaptureLedger } from './capture-ledger.js';
import type { StatusBoard } from './capture-status.js';
import { FullRead } from './full-read.js';
import { LiveChanges } from './live-changes.js';
import { LookPace } from './look-pace.js';

/** How often operators' requests are looked for. */
const REQUESTS_EVERY_MS = 1_000;
/** A position that moved on without changes of interest is saved this often. */
const SAVE_POSITION_EVERY_MS = 5_000;

export interface SessionClock {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface SessionParts {
  readonly dataStore: string;
  readonly spec: LdapDataStoreSpec;
  readonly source: ObjectSource;
  readonly ledger: CaptureLedger;
  readonly cursor: CaptureCursor;
  readonly board: StatusBoard;
  readonly log: Logger;
  readonly clock: SessionClock;
  /** Pause before a suspect data store is compared again, in milliseconds. */
  readonly recheckMs: number;
}

/**
 * One connection's time with a data store, from the first question to the first failure: a first read where there was none, then live
 * changes, with full comparisons when they are due, asked for, or the only way to know what happened. Ends by throwing SourceProblem
 * or a database problem; everything that matters is in the ledger, so the next session goes on from there.
 */
export class CaptureSession {
  private readonly parts: SessionParts;
  private readonly changes: LiveChanges;
  private readonly specHash: string;
  private suspect: string | null;
  private position: FeedCursor | null;
  /** The feed's position may not be saved before a comparison has made up for what the feed cannot tell. */
  private owed: string | undefined;
  private lastComparisonAt: number;
  private recheckAt: number;
  private requestsAt = 0;
  private savedAt = 0;

  constructor(parts: SessionParts) {
    const { cursor, ledger, source, clock } = parts;
    this.parts = parts;
    this.changes = new LiveChanges({
      source,
      entries: ledger.entries,
      names: ledger.names,
      now: () => new Date(clock.now()),
    });
    this.specHash = createHash('sha256')
      .update(canonicalJson(scopeOf(parts.spec)))
      .digest('hex')
      .slice(0, 16);
    this.suspect = cursor.suspect;
    this.position = cursor.position;
    this.recheckAt = clock.now() + parts.recheckMs;
    this.lastComparisonAt = instantOf(cursor.lastComparison?.['at']);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { source, board, log, cursor } = this.parts;
    const { feed, notes, ...pauses } = await source.describe(signal);
    board.note({ feed, notes, ...(cursor.lastComparison === null ? {} : { lastComparison: cursor.lastComparison }) });
    for (const note of notes) log.info(note);
    if (!cursor.loaded || this.position === null)
      await this.fullRead({ first: true, accepted: false, why: 'first read' }, signal);
    else if (cursor.lastComparison?.['scope'] !== this.specHash)
      this.owed = 'the data store was configured differently';
    log.info('Capturing live changes', { feed, position: this.position });
    this.showLive();
    const pace = new LookPace(pauses);
    while (!signal.aborted) {
      const [before, began] = [this.position, this.parts.clock.now()];
      const behind = await this.look(signal);
      const now = this.parts.clock.now();
      const pauseMs = pace.pauseAfter({ now, tookMs: now - began, changes: this.position !== before });
      await this.doWhatIsDue(signal);
      if (behind === 0) await this.parts.clock.sleep(pauseMs, signal);
    }
  }

  /** One look at the feed; answers how many changes are still waiting there. */
  private async look(signal: AbortSignal): Promise<number> {
    const { source, board, ledger, clock } = this.parts;
    if (this.position === null) return 0;
    const look = await source.look(this.position, signal);
    if (look.kind === 'gap') return this.oweComparison(look.reason, signal);
    board.note({ behind: look.behind });
    // What is read is how things are now: taken before its turn it does no harm, and in its turn it is no news any more.
    const { touches, cursor, urgent = [], deletionsBehind = [] } = look;
    const deletions = touches.filter(({ change }) => change === 'delete').map(({ dn }) => dn);
    if (urgent.length > 0)
      await this.apply(urgent, { cursor: this.position, toCome: [...deletions, ...deletionsBehind] }, signal);
    if (touches.length > 0 && !(await this.apply(touches, { cursor, toCome: deletionsBehind }, signal)))
      return this.oweComparison('more was moved at once than can be followed one by one', signal);
    if (touches.length === 0 && cursor !== this.position && clock.now() - this.savedAt > SAVE_POSITION_EVERY_MS) {
      this.savedAt = clock.now();
      if (this.owed === undefined) await ledger.commit({ objects: [], position: cursor });
    }
    this.position = cursor;
    return look.behind;
  }

  /** @param o.toCome names in deletions that are known to follow */
  private async apply(
    touches: readonly Touch[],
    { cursor, toCome }: { readonly cursor: FeedCursor; readonly toCome: readonly string[] },
    signal: AbortSignal,
  ): Promise<boolean> {
    const { ledger } = this.parts;
    const resolved = await this.changes.resolve(touches, signal);
    if (resolved === undefined) return false;
    const gone = await this.allowed(resolved.gone, toCome);
    await ledger.commit({
      objects: resolved.objects,
      unreadable: resolved.unreadable,
      ...(gone.length === 0 ? {} : { gone: { ids: gone, occurrence: resolved.at } }),
      ...(this.owed === undefined ? { position: cursor } : {}),
    });
    this.savedAt = this.parts.clock.now();
    return true;
  }

  /**
   * The deletions that may go ahead: all or none, judged together with those to come, lest a mass goes in pieces. What is held is found
   * again by the next comparison.
   */
  private async allowed(gone: readonly string[], toCome: readonly string[]): Promise<readonly string[]> {
    if (gone.length === 0) return gone;
    const { ledger, spec, clock, log } = this.parts;
    if (this.suspect === null) {
      const { users, groups } = await ledger.entries.population();
      const recent = await ledger.entries.deletedSince(removalWindow(clock.now()));
      const judge = (asked: number) => judgeDeletions({ asked, recent, present: users + groups }, spec.health);
      // Nearly always few leave, whether they are known or not.
      if (judge(gone.length + toCome.length).kind === 'trusted') return gone;
      const verdict = judge(await this.leavers(gone, toCome));
      if (verdict.kind === 'trusted') return gone;
      await this.becomeSuspect(verdict.words);
    }
    log.warn('Deletions are held, because the data store is suspect', { held: gone.length, reason: this.suspect });
    return [];
  }

  /** How many known objects these are together. */
  private async leavers(ids: readonly string[], names: readonly string[]): Promise<number> {
    const keys = [...new Set(names.map(dnKey))];
    const named = await this.parts.ledger.entries.present({ keys, ids: [] });
    return new Set([...ids, ...named.map(({ objectId }) => objectId)]).size;
  }

  /** Goes on from the feed's end; the comparison that makes up for what lies in between follows at once. */
  private async oweComparison(reason: string, signal: AbortSignal): Promise<number> {
    this.parts.log.warn('The feed cannot say what happened; a full comparison follows', { reason });
    this.owed = reason;
    this.position = await this.parts.source.position(signal);
    return 0;
  }

  private async doWhatIsDue(signal: AbortSignal): Promise<void> {
    const { clock, ledger, dataStore, spec } = this.parts;
    const now = clock.now();
    if (now >= this.requestsAt) {
      this.requestsAt = now + REQUESTS_EVERY_MS;
      const requests = await ledger.cursors.requests(dataStore);
      if (requests.accept !== null || requests.compare !== null) await this.carryOut(requests, signal);
    }
    const why =
      this.owed ??
      (this.suspect !== null && now >= this.recheckAt
        ? 'the data store is suspect'
        : now - this.lastComparisonAt >= durationMs(spec.compareEvery)
          ? 'it is due'
          : undefined);
    if (why !== undefined) await this.fullRead({ first: false, accepted: false, why }, signal);
  }

  private async carryOut(requests: CaptureRequests, signal: AbortSignal): Promise<void> {
    const { ledger, dataStore } = this.parts;
    const accepted = requests.accept !== null;
    await this.fullRead(
      { first: false, accepted, why: accepted ? 'a person accepted the data store as it is' : 'a person asked for it' },
      signal,
    );
    await ledger.cursors.settle(dataStore, requests);
  }

  private async fullRead(o: { first: boolean; accepted: boolean; why: string }, signal: AbortSignal): Promise<void> {
    const { source, ledger, spec, board, log, clock } = this.parts;
    const startedAt = clock.now();
    if (this.position === null || o.first) this.position = await source.position(signal);
    board.enter(o.first ? 'initial-read' : this.suspect === null ? 'comparing' : 'suspect', this.suspect ?? o.why);
    log.info(o.first ? 'First read begins' : 'Full comparison begins', { why: o.why });
    const reading = new FullRead({
      source,
      ledger,
      bounds: spec.health,
      now: () => new Date(clock.now()),
      onProgress: (read) => board.note({ read }),
    });
    const owedBefore = this.owed;
    try {
      const result = await reading.run({ ...o, between: async () => void (await this.look(signal)) }, signal);
      const suspect = result.verdict.kind === 'suspect' ? result.verdict.words : null;
      const { known, read, missing, removed } = result;
      const comparison = {
        at: new Date(clock.now()).toISOString(),
        seconds: Math.round((clock.now() - startedAt) / 100) / 10,
        why: o.why,
        scope: this.specHash,
        ...{ known, read, missing, removed, verdict: result.verdict.kind },
      };
      const madeUp = this.owed === owedBefore;
      await ledger.endRun({ comparison, suspect, ...(madeUp ? { position: this.position } : {}) });
      if (madeUp) this.owed = undefined;
      this.lastComparisonAt = clock.now();
      board.note({ lastComparison: comparison });
      log.info('Full read ended', comparison);
      await this.settleSuspicion(suspect, clock.now() - startedAt);
    } catch (error) {
      if (!(error instanceof SourceProblem) || error.kind !== 'truncated') throw error;
      await this.becomeSuspect(error.message, clock.now() - startedAt);
      // Without a first read there is nothing to go on with; live changes need not wait for a comparison.
      if (o.first) throw error;
    }
    this.showLive();
  }

  private async settleSuspicion(words: string | null, tookMs: number): Promise<void> {
    if (words !== null) await this.becomeSuspect(words, tookMs);
    else if (this.suspect !== null) {
      this.suspect = null;
      this.parts.log.info('The data store is trusted again');
    }
  }

  private async becomeSuspect(words: string, tookMs = 0): Promise<void> {
    const { ledger, log, clock, recheckMs } = this.parts;
    if (this.suspect !== words) log.error(`The data store is suspect: ${words}`, { remedy: REMEDY });
    this.suspect = words;
    this.recheckAt = clock.now() + Math.max(recheckMs, 10 * tookMs);
    this.showLive();
    await ledger.setSuspect(words);
  }

  private showLive(): void {
    if (this.suspect === null) this.parts.board.enter('live');
    else this.parts.board.enter('suspect', `${this.suspect}. ${REMEDY}`);
  }
}

const REMEDY =
  'Nobody is removed meanwhile. It is looked at again by itself, or at once after `provisor compare`; if it is right as it is, let the removals go on with `provisor accept`.';

const instantOf = (text: unknown): number => (typeof text === 'string' ? Date.parse(text) || 0 : 0);

/** What decides which objects a data store has and what they look like: after a change of it, everything is compared. */
function scopeOf(spec: LdapDataStoreSpec): object {
  const { baseDn, idAttribute, users, groups, accountStatus, referenceAttributes, excludeAttributes } = spec;
  return { baseDn, idAttribute, users, groups, accountStatus, referenceAttributes, excludeAttributes };
}
