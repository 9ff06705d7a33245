import type { OutgoingRecord } from '../records.js';

/** What one produce request may carry, in bytes: below a topic's `max.message.bytes` even if all goes to one partition. */
export const MAX_REQUEST_BYTES = 900_000;
/** Room in a record batch for its own header and the record's framing. */
const FRAMING_BYTES = 512;

/** A record that no topic of this installation takes. */
export class RecordTooLargeError extends RangeError {
  override readonly name = 'RecordTooLargeError';
}

/** Bytes that a record takes on the wire, a little over-estimated. Lengths of text are exact in UTF-8. */
export function wireBytes(record: OutgoingRecord): number {
  let bytes = 64 + Buffer.byteLength(record.key) + (record.value === null ? 0 : Buffer.byteLength(record.value));
  for (const [name, value] of Object.entries(record.headers ?? {}))
    bytes += 8 + Buffer.byteLength(name) + Buffer.byteLength(value);
  return bytes;
}

/**
 * Cuts records into requests of at most `limit` bytes without changing their order; a record beyond the limit travels alone.
 * Throws RecordTooLargeError for one beyond `maxRecordBytes`.
 */
export function planRequests(
  records: readonly OutgoingRecord[],
  maxRecordBytes: number,
  limit = MAX_REQUEST_BYTES,
): OutgoingRecord[][] {
  const requests: OutgoingRecord[][] = [];
  let room = 0;
  for (const record of records) {
    const bytes = wireBytes(record);
    if (bytes + FRAMING_BYTES > maxRecordBytes)
      throw new RecordTooLargeError(
        `A record for ${record.topic} has ${bytes} bytes; at most ${maxRecordBytes - FRAMING_BYTES} fit.`,
      );
    const current = requests.at(-1);
    if (current === undefined || bytes > room) {
      requests.push([record]);
      room = limit - bytes;
    } else {
      current.push(record);
      room -= bytes;
    }
  }
  return requests;
}
