import type { ReceivedRecord } from '../records.js';

/** Thrown by a handler: this record can never be processed, whatever is repeated. */
export class PoisonRecordError extends Error {
  override readonly name = 'PoisonRecordError';
  readonly record: ReceivedRecord<unknown>;
  /** Stable, dotted code for the dead letter, for example `mapping.unknown-scope`. */
  readonly code: string;

  constructor(record: ReceivedRecord<unknown>, code: string, message: string) {
    super(message);
    this.record = record;
    this.code = code;
  }
}
