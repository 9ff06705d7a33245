import { duration, durationMs } from '@provisor/contracts';
import { InvalidArgumentError } from 'commander';

/** An instant, or how long ago one was, as the instant. */
export function sinceOf(text: string): string {
  if (duration.safeParse(text).success) return new Date(Date.now() - durationMs(text)).toISOString();
  const at = new Date(text);
  if (Number.isNaN(at.getTime()))
    throw new InvalidArgumentError('Give a duration such as 2h, or an instant such as 2026-01-31T08:00:00Z.');
  return at.toISOString();
}
