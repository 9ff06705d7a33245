import type { IdentityChange } from '@provisor/contracts';
import type { ReceivedRecord } from '@provisor/kafka';

/** An identity change on its way through mapping, with what is known of its cause. */
export interface SourceChange {
  readonly change: IdentityChange;
  readonly traceparent: string | undefined;
  /** When the record was written, in milliseconds since 1970. */
  readonly timestamp: number;
  /** Older versions came with it, and may come again. */
  readonly folds: boolean;
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
    const folds = before !== undefined && (before.folds || before.change.sequence !== value.sequence);
    if (before !== undefined && before.change.sequence > value.sequence) {
      newest.set(key, { ...before, folds });
      continue;
    }
    newest.delete(key);
    newest.set(key, { change: value, traceparent, timestamp, folds });
  }
  return [...newest.values()];
}
