const REDACTED = '[redacted]';

/** Keys whose value is never written: credentials, headers that carry them, sealed values. */
const SECRET_KEY =
  /pass(word|wd|phrase)?$|secret|token$|authorization|cookie|credential|sealed|api[-_]?key|private[-_]?key|provisor_key/i;
/** Deeper structures are cut: a log line is no dump. */
const MAX_DEPTH = 8;
const MAX_ITEMS = 100;
/** User and password in a URL, as connection strings carry them. */
const URL_CREDENTIALS = /([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi;

type Plain = Record<string, unknown>;

/**
 * A copy that is safe to write. Redacted are: text and structures under a secret-like key (numbers, booleans and null stay, a
 * count of tokens is no token), values of the attributes that a sibling list `masked` names, and credentials inside URLs.
 * Errors become plain objects with type, message, stack, code and cause.
 */
export function redact<T>(value: T): T {
  return safe(value, 0, new Set()) as T;
}

function safe(value: unknown, depth: number, seen: ReadonlySet<object>): unknown {
  if (typeof value === 'string') return withoutUrlCredentials(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (seen.has(value)) return '[circular]';
  if (depth >= MAX_DEPTH) return '[cut]';
  const path = new Set(seen).add(value);
  if (value instanceof Error) return safeError(value, depth, path);
  if (Buffer.isBuffer(value)) return `[${value.length} bytes]`;
  if (Array.isArray(value)) return safeList(value, depth, path);
  if (value instanceof Map) return safeObject(Object.fromEntries(value) as Plain, depth, path);
  if (value instanceof Set) return safeList([...value], depth, path);
  return safeObject(value as Plain, depth, path);
}

function safeList(list: readonly unknown[], depth: number, seen: ReadonlySet<object>): unknown[] {
  const kept = list.slice(0, MAX_ITEMS).map((item) => safe(item, depth + 1, seen));
  return list.length > MAX_ITEMS ? [...kept, `[${list.length - MAX_ITEMS} more]`] : kept;
}

function safeObject(object: Plain, depth: number, seen: ReadonlySet<object>): Plain {
  const masked = maskedNames(object);
  const result: Plain = {};
  for (const [key, value] of Object.entries(object)) {
    result[key] = isSecret(key, value) ? REDACTED : safe(withoutMasked(value, masked), depth + 1, seen);
  }
  return result;
}

function safeError(error: Error, depth: number, seen: ReadonlySet<object>): Plain {
  const { name, message, stack, cause, ...own } = error as Error & Plain;
  return {
    type: name,
    message: withoutUrlCredentials(message),
    ...(stack === undefined ? {} : { stack: withoutUrlCredentials(stack) }),
    ...(cause === undefined ? {} : { cause: safe(cause, depth + 1, seen) }),
    ...safeObject(own, depth, seen),
  };
}

function isSecret(key: string, value: unknown): boolean {
  return SECRET_KEY.test(key) && value !== null && (typeof value === 'string' || typeof value === 'object');
}

function maskedNames(object: Plain): ReadonlySet<string> {
  return new Set(Array.isArray(object.masked) ? object.masked.filter((name) => typeof name === 'string') : []);
}

/** Replaces the masked attributes inside `attributes`, `desired.attributes` and `applied.attributes`, one level of nesting down. */
function withoutMasked(value: unknown, masked: ReadonlySet<string>): unknown {
  if (masked.size === 0 || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => {
    if (masked.has(key)) return [key, REDACTED] as const;
    return [key, key === 'attributes' ? withoutMasked(inner, masked) : inner] as const;
  });
  return Object.fromEntries(entries);
}

function withoutUrlCredentials(text: string): string {
  return text.includes('://') ? text.replace(URL_CREDENTIALS, `$1${REDACTED}@`) : text;
}
