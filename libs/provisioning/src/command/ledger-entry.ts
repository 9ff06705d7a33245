import type { Presence, Version } from '@provisor/contracts';

/** What an SP connection was told last about one object. */
export interface LedgerEntry {
  /** The channel that told it; empty where nothing was told but the object is known to be deleted. */
  readonly channel: string;
  /** Hash of the desired state as told. */
  readonly hash: string;
  /** The newest version that was seen, told or not. */
  readonly version: Version;
  readonly presence: Presence;
}
