type Headers = Readonly<Record<string, string | undefined>>;

/** Values above this are epoch seconds rather than a number of seconds to wait. */
const EPOCH_FLOOR = 1_000_000_000;

/**
 * How long the target asks to wait, in milliseconds: `Retry-After` (seconds or HTTP date, RFC 9110 §10.2.3), `X-Retry-After`,
 * `X-RateLimit-Reset` and its spellings (epoch seconds, or seconds), the `RateLimit` drafts. Undefined where it says nothing.
 */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  return (
    delay(headers['retry-after'], now) ??
    delay(headers['x-retry-after'], now) ??
    delay(headers['x-rate-limit-reset'], now) ??
    delay(headers['x-ratelimit-reset'], now) ??
    delay(headers['ratelimit-reset'], now) ??
    delay(/(?:^|[;,\s])(?:t|reset)\s*=\s*(\d+)/.exec(headers.ratelimit ?? '')?.[1], now)
  );
}

/** True where the headers say that the budget is used up. */
export const isExhausted = (headers: Headers): boolean =>
  ['x-ratelimit-remaining', 'x-rate-limit-remaining', 'ratelimit-remaining'].some(
    (name) => headers[name]?.trim() === '0',
  );

function delay(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const trimmed = text.trim();
  if (/^\d+(\.\d+)?$/.test(trimmed)) {
    const number = Number(trimmed);
    return Math.max(0, Math.ceil(number > EPOCH_FLOOR ? number * 1000 - now : number * 1000));
  }
  // Date.parse takes almost anything for a date, "-1" for instance; an HTTP date has a weekday or an ISO form.
  const date = /^([A-Za-z]{3,}|\d{4}-)/.test(trimmed) ? Date.parse(trimmed) : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
