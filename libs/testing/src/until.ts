import { inspect } from 'node:util';
import { waitUntil } from '@provisor/embedded';

/** Something that was waited for did not come about. */
export class NotInTime extends Error {
  override readonly name = 'NotInTime';
}

export interface Patience {
  /** How long it may take, in milliseconds; 30 s unless given. */
  readonly withinMs?: number;
  /** Pause between two looks, in milliseconds; 50 unless given. */
  readonly everyMs?: number;
  /** Called when it was not in time; what it returns is added to the error: log tails, for example. */
  readonly explain?: () => string | Promise<string>;
}

/**
 * Looks again and again until the look gives something other than undefined or false, and returns that. A look that throws counts as
 * "not yet": while services restart, questions fail. @throws NotInTime with `what`, the last failure of a look and the explanation
 */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  o: Patience = {},
): Promise<T> {
  const { withinMs = 30_000, everyMs = 50 } = o;
  let found: { readonly value: T } | undefined;
  let failure: unknown;
  const once = async (): Promise<boolean> => {
    try {
      const value = await look();
      if (value !== undefined && value !== false) found = { value };
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    return found !== undefined;
  };
  await waitUntil(once, { timeoutMs: withinMs, everyMs });
  if (found !== undefined) return found.value;
  const parts = [`Not within ${withinMs / 1000} s: ${what}.`];
  if (failure !== undefined) parts.push(`The last look failed: ${inspect(failure)}`);
  if (o.explain !== undefined) parts.push(await o.explain());
  throw new NotInTime(parts.join('\n'));
}
