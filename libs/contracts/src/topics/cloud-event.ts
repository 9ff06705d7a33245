import { z } from 'zod';
import type { TopicContract } from './topic.js';

/** A record as it stands on a topic: CloudEvents 1.0, Kafka protocol binding, binary mode. */
export interface EncodedRecord {
  readonly key: string;
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface EventMeta {
  /** Unique per source; the same event always has the same id. */
  readonly id: string;
  /** URI reference of the emitting service, for example `/provisor/mapping`. */
  readonly source: string;
  readonly time: Date;
  /** Record key where it is not derived from the value (commands are keyed by limit scope). */
  readonly key?: string;
  /** W3C trace context. */
  readonly traceparent?: string;
}

/** Encodes a value for its topic. The value is trusted to fit the schema: it was made by us. */
export function encodeRecord<T>(contract: TopicContract<T>, value: T, meta: EventMeta): EncodedRecord {
  return {
    key: meta.key ?? contract.key(value),
    value: JSON.stringify(value),
    headers: {
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_id: meta.id,
      ce_source: meta.source,
      ce_type: contract.type,
      ce_time: meta.time.toISOString(),
      ...(meta.traceparent === undefined ? {} : { traceparent: meta.traceparent }),
    },
  };
}

export type Decoded<T> =
  | { readonly ok: true; readonly value: T | null }
  | { readonly ok: false; readonly code: DecodeErrorCode; readonly message: string };
export type DecodeErrorCode =
  'record.too-large' | 'record.not-utf8' | 'record.not-json' | 'record.schema' | 'record.no-key';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Decodes a record of a topic: binary mode, or structured mode when `content-type` says `application/cloudevents+json`. A null
 * value is a tombstone. Never throws; whatever is wrong comes back as a code and words that name the path.
 */
export function decodeRecord<T>(
  contract: TopicContract<T>,
  record: {
    readonly key: string | null;
    readonly value: Uint8Array | null;
    readonly headers: Readonly<Record<string, string>>;
  },
  maxBytes: number,
): Decoded<T> {
  if (record.key === null) return failed('record.no-key', 'The record has no key.');
  if (record.value === null) return { ok: true, value: null };
  if (record.value.byteLength > maxBytes)
    return failed(
      'record.too-large',
      `The record has ${record.value.byteLength} bytes; at most ${maxBytes} are accepted.`,
    );
  let text: string;
  try {
    text = utf8.decode(record.value);
  } catch {
    return failed('record.not-utf8', 'The record is not valid UTF-8.');
  }
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    return failed(
      'record.not-json',
      `The record is not JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  if (record.headers['content-type']?.startsWith('application/cloudevents+json') && isObject(body)) body = body['data'];
  const parsed = contract.schema.safeParse(body);
  if (!parsed.success) return failed('record.schema', z.prettifyError(parsed.error).slice(0, 3000));
  return { ok: true, value: parsed.data };
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const failed = (code: DecodeErrorCode, message: string) => ({ ok: false, code, message }) as const;
