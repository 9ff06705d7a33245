import type { ProvisioningCommand } from '@provisor/contracts';
import { PoisonRecordError, type ReceivedRecord } from '@provisor/kafka';
import type { IngestedCommand } from '@provisor/persistence';

/** A command with the limit scope that its record names. */
export interface ScopedCommand extends IngestedCommand {
  readonly limitScope: string;
}

/**
 * Takes a command from its record. A tombstone is none. Throws a PoisonRecordError for an id that no database column can hold:
 * two different ids must never become the same row.
 */
export function ingestCommand(record: ReceivedRecord<ProvisioningCommand>): ScopedCommand | undefined {
  if (record.value === null) return undefined;
  const { objectId, desired } = record.value;
  const ids = [objectId, record.key, ...(desired.memberOf ?? []), ...Object.values(desired.references ?? {})];
  if (!ids.every(isStorable))
    throw new PoisonRecordError(
      record,
      'command.bad-id',
      'An object id of the command holds U+0000 or half of a surrogate pair.',
    );
  return {
    command: record.value,
    offset: Number(record.offset),
    limitScope: record.key,
    ...(record.traceparent === undefined ? {} : { traceparent: record.traceparent }),
  };
}

const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');
