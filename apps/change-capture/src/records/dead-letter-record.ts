import { createHash } from 'node:crypto';
import {
  encodeRecord,
  identityChanges,
  provisioningDeadLetters,
  type DeadLetter,
  type EncodedRecord,
} from '@provisor/contracts';

const STAGE = 'capture';
const SOURCE = '/provisor/change-capture';
const MAX_VALUE_BYTES = 256 * 1024;

export interface CaptureFailure {
  readonly dataStore: string;
  /** Object id where it is known, otherwise the entry's name. */
  readonly subject: string;
  readonly code: string;
  readonly message: string;
  /** What could not be published; absent where it could not even be read. */
  readonly value?: string;
  readonly at: Date;
}

/** The dead letter of an entry that cannot be captured. The same failure of the same entry always has the same id. */
export function deadLetterRecord(failure: CaptureFailure): EncodedRecord & { readonly topic: string } {
  const { dataStore, subject, code, message, at } = failure;
  const value = failure.value === undefined ? null : Buffer.from(failure.value);
  const digest = createHash('sha256')
    .update(`${subject}\0${code}\0${failure.value ?? ''}`)
    .digest('hex')
    .slice(0, 24);
  const letter: DeadLetter = {
    id: `${dataStore}/0/${digest}`,
    stage: STAGE,
    cause: { code, message: message.slice(0, 4000) },
    origin: {
      topic: identityChanges.name,
      partition: 0,
      offset: `not published: ${digest}`,
      timestamp: at.toISOString(),
      key: `${dataStore}:${subject}`,
      headers: {},
    },
    value: value === null ? null : value.subarray(0, MAX_VALUE_BYTES).toString('base64'),
    valueBytes: value?.length ?? 0,
    failedAt: at.toISOString(),
  };
  return {
    topic: provisioningDeadLetters.name,
    ...encodeRecord(provisioningDeadLetters, letter, { id: letter.id, source: SOURCE, time: at }),
  };
}
