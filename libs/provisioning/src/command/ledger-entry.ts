import type { Presence, Version } from '@provisor/contracts';

/** What an SP connection was told last about one object. */
export interface LedgerEntry {
  /** The channel that told it; empty where nothing was told and older versions may still come. */
  readonly channel: string;
  /** Hash of the desired state as told. */
  readonly hash: string;
  /** The newest version that was seen, told or not. */
  readonly version: Version;
  readonly presence: Presence;
}
