import type { Presence, Version } from '@provisor/contracts';

/** What an SP connection was told last about one object. */
export interface LedgerEntry {
  /** The channel that told it. */
  readonly channel: string;
  /** Hash of the desired state as told. */
  readonly hash: string;
  /** The newest version that was seen, told or not. */
  readonly version: Version;
  readonly presence: Presence;
}
