import type { ObjectType, SourceAttributes } from '@provisor/contracts';

/** One object as its data store shows it now. */
export interface SourceObject {
  readonly objectId: string;
  readonly objectType: ObjectType;
  readonly dn: string;
  /** Everything that was read, without the member attributes of groups. */
  readonly attributes: SourceAttributes;
  readonly enabled: boolean;
  /** Names (DNs) of other objects, by the attribute that carries them. */
  readonly references: Readonly<Record<string, string>>;
  /** Names (DNs) of the members; groups only. */
  readonly members?: readonly string[];
  /** When the data store last changed it, as it says itself. */
  readonly modifiedAt?: SourceInstant;
}

/** An instant as the data store wrote it, and whether it is finer than a second. */
export interface SourceInstant {
  readonly at: Date;
  readonly subSecond: boolean;
}

/** What a read brings: an object, or something that cannot be understood and is left out with a reason. */
export type SourceItem =
  | { readonly kind: 'object'; readonly object: SourceObject }
  | { readonly kind: 'unreadable'; readonly dn: string; readonly code: string; readonly message: string };

/** What a feed says has happened. It is a hint to look there: the state that counts is read afterwards. */
export interface Touch {
  readonly change: 'add' | 'modify' | 'delete' | 'rename';
  readonly dn: string;
  /** Name after a rename. */
  readonly newDn?: string;
  readonly objectId?: string;
  readonly at?: SourceInstant;
  /** The object's state where the feed has read it already. */
  readonly item?: SourceItem;
}

/** Where a feed was read up to. Opaque outside the source; survives restarts as JSON. */
export type FeedCursor = Readonly<Record<string, string | number>>;

/** One look at the feed. */
export type FeedLook =
  | {
      readonly kind: 'touches';
      readonly touches: readonly Touch[];
      readonly cursor: FeedCursor;
      /** Changes that the data store has and this look did not bring. */
      readonly behind: number;
      /** Some of those behind that should not wait for the others: of whoever leaves. They come again in their turn. */
      readonly urgent?: readonly Touch[];
      /** Names in the other deletions among those behind, as far as the feed has seen: how many leave has to be judged as a whole. */
      readonly deletionsBehind?: readonly string[];
    }
  /** The feed cannot say what happened since the cursor: only a full comparison can. `reason` is for people. */
  | { readonly kind: 'gap'; readonly reason: string };

export interface SourceDescription {
  readonly feed: string;
  /** Pause between two looks while nothing happens, in milliseconds. */
  readonly intervalMs: number;
  /** Shortest pause while one change follows the other; the same where absent. */
  readonly busyIntervalMs?: number;
  /** For people: what was found, what is missing and what follows from that. */
  readonly notes: readonly string[];
  /** Does the feed report deletions? Where it does not, only full comparisons find them. */
  readonly reportsDeletions: boolean;
}

/**
 * A data store as change capture sees it. Calls reject with `SourceProblem` only. They never change the data store, and they do not
 * retry: the capturer decides when to try again.
 */
export interface ObjectSource {
  /** Connects, checks what is needed and finds the feed. */
  describe(signal: AbortSignal): Promise<SourceDescription>;
  /** Everything of one type, page by page; ends normally only if the data store said that this was all. */
  read(type: ObjectType, signal: AbortSignal): AsyncIterable<readonly SourceItem[]>;
  /** What is there now under these names; names that are not there are left out. */
  readByDn(dns: readonly string[], signal: AbortSignal): Promise<readonly SourceItem[]>;
  /** What is there now at this name and below it. */
  readBelow(dn: string, signal: AbortSignal): AsyncIterable<readonly SourceItem[]>;
  /** What is there now with these ids, wherever it lies; ids that are not there are left out. */
  readById(ids: readonly string[], signal: AbortSignal): Promise<readonly SourceItem[]>;
  /** The feed's position now; what happens later is found from there. */
  position(signal: AbortSignal): Promise<FeedCursor>;
  look(after: FeedCursor, signal: AbortSignal): Promise<FeedLook>;
  close(): Promise<void>;
}

export type SourceProblemKind =
  /** Not reachable, too slow, connection lost: passes by itself. */
  | 'unreachable'
  /** Credentials, names, rights, TLS: a person must change something. */
  | 'configuration'
  /** The data store answered, but not completely. */
  | 'truncated';

/** A call to a data store failed. `message` says in words what and, where known, what to do. */
export class SourceProblem extends Error {
  override readonly name = 'SourceProblem';
  readonly kind: SourceProblemKind;

  constructor(kind: SourceProblemKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}
