import { durationMs, type Policy } from '@provisor/contracts';
import type { CallOutcome } from '../outcome/outcome.js';

/** Circumstances of an attempt; times in milliseconds since the epoch. */
export interface Attempt {
  /** Number of this attempt, from 1. */
  readonly attempt: number;
  /** When the first attempt for this desired state began. */
  readonly firstAttemptAt: number;
  readonly now: number;
  /** From [0, 1): spreads retries of many objects. */
  readonly random: number;
}

/** What happens to an object, or to its SP connection, after an attempt. Times in milliseconds since the epoch. */
export type Settlement =
  | { readonly kind: 'done' }
  | { readonly kind: 'retry'; readonly at: number }
  /** Failed until the desired state or the configuration changes, or a person replays it. */
  | { readonly kind: 'failed' }
  /** The SP connection is quarantined; one probe is allowed at `probeAt`. */
  | { readonly kind: 'halt'; readonly probeAt: number }
  /** The account is gone: forget the link and plan again. */
  | { readonly kind: 'relink' };

/** The only place that decides what an outcome leads to. */
export function settle(outcome: CallOutcome, attempt: Attempt, retry: Policy['retry']): Settlement {
  switch (outcome.kind) {
    case 'applied':
    case 'unchanged':
      return { kind: 'done' };
    case 'rejected':
      return { kind: 'failed' };
    case 'vanished':
      return { kind: 'relink' };
    case 'halted':
      return {
        kind: 'halt',
        probeAt: attempt.now + Math.round((ceiling(attempt.attempt, retry) * (1 + attempt.random)) / 2),
      };
    case 'retryable':
      return retryOrGiveUp(outcome.retryAfterMs, attempt, retry);
  }
}

function retryOrGiveUp(retryAfterMs: number | undefined, attempt: Attempt, retry: Policy['retry']): Settlement {
  if (attempt.now - attempt.firstAttemptAt >= durationMs(retry.giveUpAfter)) return { kind: 'failed' };
  if (retryAfterMs !== undefined) return { kind: 'retry', at: attempt.now + Math.max(0, retryAfterMs) };
  // Full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"): the whole span below the ceiling is used.
  return { kind: 'retry', at: attempt.now + Math.round(ceiling(attempt.attempt, retry) * attempt.random) };
}

const ceiling = (attempt: number, retry: Policy['retry']): number =>
  Math.min(durationMs(retry.max), durationMs(retry.initial) * 2 ** Math.min(52, Math.max(0, attempt - 1)));
