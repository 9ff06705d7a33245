import type { CallContext, CallOutcome, Connector, LookupAnswer } from '@provisor/provisioning';
import { ScopeWaits } from '../engine/token-bucket.js';
import { DesiredAnew, OwnershipLost, type CallSite } from './call-site.js';

type TargetCall<T> = (connector: Connector, context: CallContext) => Promise<T>;

const WELL: CallOutcome = { kind: 'unchanged', code: 'target.answered' };

/** The calls of one attempt: whatever a connector throws becomes an outcome, and the last answer is remembered for the breaker. */
export class AttemptCalls {
  readonly #site: CallSite;
  #answer: CallOutcome | undefined;

  constructor(site: CallSite) {
    this.#site = site;
  }

  /** The last answer of the target; undefined while nothing was asked. */
  get answer(): CallOutcome | undefined {
    return this.#answer;
  }

  /** A question, which has no effect. */
  async ask<T extends LookupAnswer | undefined>(
    question: TargetCall<T>,
  ): Promise<T | Extract<LookupAnswer, { kind: 'failed' }>> {
    try {
      const answer = await this.#site.call(question);
      if (answer !== undefined) this.#answer = answer.kind === 'failed' ? answer.outcome : WELL;
      return answer;
    } catch (error) {
      return { kind: 'failed', outcome: (this.#answer = unexpected(error, false)) };
    }
  }

  /** A call that may have an effect, also where it fails. */
  async make(work: TargetCall<CallOutcome>): Promise<CallOutcome> {
    try {
      return (this.#answer = await this.#site.call(work));
    } catch (error) {
      return (this.#answer = unexpected(error, true));
    }
  }
}

/** What is no answer of the target is thrown on; anything else that a connector throws may have had effect. */
function unexpected(error: unknown, ambiguous: boolean): CallOutcome {
  if (error instanceof ScopeWaits || error instanceof DesiredAnew || error instanceof OwnershipLost) throw error;
  return {
    kind: 'retryable',
    code: 'connector.error',
    cause: error instanceof Error ? error.message : String(error),
    ambiguous,
  };
}
