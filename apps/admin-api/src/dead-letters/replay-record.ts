import { isUtf8 } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import { ALL_TOPICS, MAX_RECORD_BYTES, type DeadLetter } from '@provisor/contracts';
import { REPLAY_OF_HEADER } from '@provisor/kafka';
import type { OutgoingRecordLike } from '@provisor/persistence';

export type Replay =
  | { readonly kind: 'possible'; readonly record: OutgoingRecordLike }
  /** `reason`: why it would be of no use, or do harm; in words, with what to do instead. */
  | { readonly kind: 'impossible'; readonly reason: string };

/** Codes of records that fail again whatever is mended here: the bytes themselves are wrong. */
const HOPELESS: Readonly<Record<string, string>> = {
  'record.no-key': 'It has no key and would fail again.',
  'record.not-utf8': 'It is not UTF-8 text and would fail again.',
  'record.not-json': 'It is not JSON and would fail again.',
  'record.too-large': 'It is larger than any record may be.',
};
const NOT_ON_A_TOPIC = /\D/;

/** The record of a letter as it is to be published again: same topic, key, headers and value. */
export function replayOf(letter: DeadLetter): Replay {
  const { origin, cause } = letter;
  if (NOT_ON_A_TOPIC.test(origin.offset))
    return impossible('It never was on a topic. Mend the entry at its source, then: provisor compare <dataStore>.');
  if (!ALL_TOPICS.some(({ name }) => name === origin.topic))
    return impossible(`This version of Provisor knows no topic ${origin.topic}.`);
  const hopeless = HOPELESS[cause.code];
  if (hopeless !== undefined) return impossible(`${hopeless} Its sender has to send it anew.`);
  if (origin.key === null || origin.key.includes('\ufffd'))
    return impossible('Its key is not known exactly. Its sender has to send it anew.');
  const value = wholeValue(letter);
  if (value === undefined)
    return impossible(
      `Only a part of its ${letter.valueBytes} bytes was kept. Its sender has to send it anew, or the object comes with its next change.`,
    );
  if (value !== null && (!isUtf8(value) || value.includes(0)))
    return impossible(`It is no text and would fail again. Its sender has to send it anew.`);
  return {
    kind: 'possible',
    record: {
      topic: origin.topic,
      key: origin.key,
      value: value === null ? null : value.toString('utf8'),
      headers: { ...origin.headers, [REPLAY_OF_HEADER]: letter.id },
    },
  };
}

/** The record's value; undefined where not all of it was kept. */
export function wholeValue({ value, valueBytes, whole }: DeadLetter): Buffer | null | undefined {
  if (value === null) return null;
  const kept = Buffer.from(value, 'base64');
  if (kept.byteLength === valueBytes) return kept;
  if (whole === undefined) return undefined;
  try {
    const unpacked = gunzipSync(Buffer.from(whole.value, 'base64'), { maxOutputLength: MAX_RECORD_BYTES });
    return unpacked.byteLength === valueBytes ? unpacked : undefined;
  } catch {
    return undefined;
  }
}

const impossible = (reason: string): Replay => ({ kind: 'impossible', reason });

/** On a compacted topic the last record of a key is the state of that key: an older one must never come after it. */
export const isSnapshot = (topic: string): boolean =>
  ALL_TOPICS.some(({ name, config }) => name === topic && config['cleanup.policy'] === 'compact');

/** The SP connection that the record is about, as far as it can be told from its value or its key. */
export function connectionOf(letter: DeadLetter): string | undefined {
  const named = namedIn(wholeValue(letter));
  if (named !== undefined) return named;
  const { topic, key } = letter.origin;
  if (key === null) return undefined;
  if (topic.startsWith('provisioning.commands.')) return key;
  return topic.startsWith('provisioning.results.') ? key.split(':', 1)[0] : undefined;
}

function namedIn(value: Buffer | null | undefined): string | undefined {
  if (value === null || value === undefined) return undefined;
  try {
    const body: unknown = JSON.parse(value.toString('utf8'));
    const name = typeof body === 'object' && body !== null && 'spConnection' in body ? body.spConnection : undefined;
    return typeof name === 'string' && name.length <= 63 && !name.includes('\0') ? name : undefined;
  } catch {
    return undefined;
  }
}
