import type { FeedCursor, FeedLook, SourceItem, Touch } from '@provisor/provisioning';
import { formatGeneralizedTime } from '../entry/generalized-time.js';

/** How far a new cursor lies before now: the directory's clock may be behind ours. */
const CLOCK_SKEW_MS = 300_000;
/** How far each look reaches back before the newest change seen: entries of the same second, and servers a little apart. */
const OVERLAP_MS = 2_000;

/**
 * Finds changes by modify timestamps, to which the directory gives whole seconds as a rule. Entries of the overlap come again and
 * are recognised by their content. Deletions are not found.
 */
export class TimestampFeed {
  private readonly changedSince: (timestamp: string, signal: AbortSignal) => AsyncIterable<readonly SourceItem[]>;
  private readonly now: () => number;

  constructor(o: {
    changedSince: (timestamp: string, signal: AbortSignal) => AsyncIterable<readonly SourceItem[]>;
    now: () => number;
  }) {
    this.changedSince = o.changedSince;
    this.now = o.now;
  }

  position(): FeedCursor {
    return { feed: 'poll', since: new Date(this.now() - CLOCK_SKEW_MS).toISOString() };
  }

  async look(after: FeedCursor, signal: AbortSignal): Promise<FeedLook> {
    const since = new Date(String(after['since']));
    if (Number.isNaN(since.getTime())) return { kind: 'gap', reason: 'the position of the feed cannot be read' };
    const touches: Touch[] = [];
    let newest = since.getTime() + OVERLAP_MS;
    for await (const page of this.changedSince(formatGeneralizedTime(since), signal))
      for (const item of page) {
        touches.push(touchOf(item));
        if (item.kind === 'object') newest = Math.max(newest, item.object.modifiedAt?.at.getTime() ?? 0);
      }
    return {
      kind: 'touches',
      touches,
      cursor: { feed: 'poll', since: new Date(newest - OVERLAP_MS).toISOString() },
      behind: 0,
    };
  }
}

function touchOf(item: SourceItem): Touch {
  if (item.kind === 'unreadable') return { change: 'modify', dn: item.dn, item };
  const { dn, objectId, modifiedAt } = item.object;
  return { change: 'modify', dn, objectId, item, ...(modifiedAt === undefined ? {} : { at: modifiedAt }) };
}
