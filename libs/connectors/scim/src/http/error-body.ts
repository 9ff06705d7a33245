import { getIgnoringCase, isRecord, textOf, type Json } from '../resource/json.js';
import type { HttpAnswer } from './http-answer.js';

export interface ErrorBody {
  readonly scimType?: string;
  /** In the target's words, on one line; empty where it gave none. */
  readonly detail: string;
  /** Does the body have the form of a SCIM error, 2.0 or 1.1? */
  readonly scim: boolean;
}

const CODES: Readonly<Record<string, string>> = {
  400: 'bad request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not found',
  409: 'conflict',
  429: 'too many requests',
  500: 'internal server error',
  502: 'bad gateway',
  503: 'service unavailable',
  504: 'gateway timeout',
};

/** Reads an error in any form that targets send: SCIM 2.0, SCIM 1.1, other JSON, HTML of a proxy, text, nothing. */
export function readErrorBody({ status, json, text }: HttpAnswer): ErrorBody {
  if (isRecord(json)) return fromJson(json) ?? { detail: fallback(status, text), scim: false };
  return { detail: fallback(status, text), scim: false };
}

function fromJson(json: Json): ErrorBody | undefined {
  const errors = getIgnoringCase(json, 'Errors');
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  if (isRecord(first)) return { detail: oneLine(textOf(first.description) ?? ''), scim: true };
  const detail = textOf(getIgnoringCase(json, 'detail')) ?? textOf(getIgnoringCase(json, 'message'));
  const scimType = textOf(getIgnoringCase(json, 'scimType'));
  const schemas = getIgnoringCase(json, 'schemas');
  const scim = scimType !== undefined || JSON.stringify(schemas ?? '').includes(':messages:2.0:Error');
  if (detail === undefined && !scim) return undefined;
  return { detail: oneLine(detail ?? ''), scim, ...(scimType === undefined ? {} : { scimType }) };
}

function fallback(status: number, text: string): string {
  const words = oneLine(/<(html|!doctype)/i.test(text) ? withoutTags(text) : text);
  return words === '' ? (CODES[status] ?? '') : words;
}

const withoutTags = (html: string): string =>
  html.replace(/<(script|style)[^>]*>[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' ');

/** Control characters would let a target write lines of its own into logs. */
const oneLine = (text: string): string =>
  text
    .slice(0, 4000)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 400);
