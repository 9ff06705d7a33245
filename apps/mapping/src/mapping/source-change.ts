import type { IdentityChange } from '@provisor/contracts';
import type { ReceivedRecord } from '@provisor/kafka';

/** An identity change on its way through mapping, with what is known of its cause. */
export interface SourceChange {
  readonly change: IdentityChange;
  readonly traceparent: string | undefined;
  /** When the record was written, in milliseconds since 1970. */
  readonly timestamp: number;
}

/**
 * The newest change of each object among these records, in the order of those records. A change says what the object is, so the
 * ones before it add nothing. Tombstones are left out.
 */
export function newestChanges(records: readonly ReceivedRecord<IdentityChange>[]): readonly SourceChange[] {
  const newest = new Map<string, SourceChange>();
  for (const { value, traceparent, timestamp } of records) {
    if (value === null) continue;
    const key = `${value.dataStore}:${value.objectId}`;
    const before = newest.get(key);
    if (before !== undefined && before.change.sequence > value.sequence) continue;
    newest.delete(key);
    newest.set(key, { change: value, traceparent, timestamp });
  }
  return [...newest.values()];
}
