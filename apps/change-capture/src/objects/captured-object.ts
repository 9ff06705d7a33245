import type { Occurrence } from '@provisor/persistence';
import type { SourceInstant, SourceItem, SourceObject } from '@provisor/provisioning';

/** An object that was read, with what is known about when it changed. */
export interface CapturedObject {
  readonly object: SourceObject;
  readonly occurrence: Occurrence;
}

export type UnreadableItem = Extract<SourceItem, { kind: 'unreadable' }>;

/**
 * When a change occurred: the latest instant that the data store gives finer than a second, otherwise the time of its detection. A
 * second's granularity would make a change look up to a second older than it is.
 */
export function occurrenceOf(
  instants: readonly (SourceInstant | undefined)[],
  o: { readonly detectedAt: Date; readonly snapshot: boolean },
): Occurrence {
  const fine = instants
    .filter((instant) => instant?.subSecond === true)
    .map((instant) => (instant as SourceInstant).at.getTime());
  if (fine.length === 0) return { at: o.detectedAt, from: 'detection', snapshot: o.snapshot };
  return { at: new Date(Math.max(...fine)), from: 'source', snapshot: o.snapshot };
}
