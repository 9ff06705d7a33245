import { z } from 'zod';

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const PATTERN = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** A span of time such as `250ms`, `30s`, `5m`, `1h`, `7d`. */
export const duration = z
  .string()
  .regex(PATTERN, 'a duration such as 250ms, 30s, 5m, 1h or 7d')
  .meta({ title: 'duration', description: 'a duration such as 250ms, 30s, 5m, 1h or 7d' });

/** Milliseconds of a `duration`. Throws RangeError on anything else. */
export function durationMs(text: string): number {
  const match = PATTERN.exec(text);
  if (!match) throw new RangeError(`Not a duration: ${text}`);
  return Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
}
