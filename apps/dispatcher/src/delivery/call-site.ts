import type { Lane } from '@provisor/contracts';
import type { Clock } from '@provisor/host';
import type { CallContext, Connector } from '@provisor/provisioning';
import type { PrioritySlots } from '../engine/priority-slots.js';
import { ScopeWaits, type TokenBucket } from '../engine/token-bucket.js';
import type { TargetSession } from './target-session.js';

/** A newer desired state came before the call was made: the attempt begins anew with that one. */
export class DesiredAnew extends Error {
  override readonly name = 'DesiredAnew';
}

/** This process may not act for the SP connection: its lease has lapsed, for now or for good. */
export class OwnershipLost extends Error {
  override readonly name = 'OwnershipLost';
}

export interface CallSiteOptions {
  readonly session: TargetSession;
  readonly slots: PrioritySlots;
  readonly bucket: TokenBucket;
  /** Told how long a call with requests took at the target, in milliseconds. */
  readonly observed: (targetMs: number) => void;
  readonly lane: Lane;
  /** For whom slots and budget are asked. */
  readonly spConnection: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly signal: AbortSignal;
  readonly traceparent?: string;
  /** Asked right before each call; throws what keeps it from being made. */
  readonly mayProceed: () => void;
  /** Asked right before each request within a call. */
  readonly owns: () => boolean;
}

/** The one place from which an attempt calls its target: bounded in number, within the budget, measured. */
export class CallSite {
  readonly #o: CallSiteOptions;
  #requests = 0;
  #targetMs = 0;

  constructor(options: CallSiteOptions) {
    this.#o = options;
  }

  /** HTTP requests that were allowed so far. */
  get requests(): number {
    return this.#requests;
  }

  /** Time at the target so far, in milliseconds, without waiting for the budget. */
  get targetMs(): number {
    return this.#targetMs;
  }

  /** Rejects with ScopeWaits, DesiredAnew or OwnershipLost when no request was made; with anything else the call may have had effect. */
  async call<T>(work: (connector: Connector, context: CallContext) => Promise<T>): Promise<T> {
    const { slots, lane, spConnection, clock, session } = this.#o;
    await slots.take(lane, spConnection);
    const before = this.#requests;
    const meter = { waited: 0, refused: undefined as Error | undefined };
    const startedAt = clock.now();
    try {
      this.#o.mayProceed();
      return await session.use((connector) => work(connector, this.#context(meter)));
    } catch (error) {
      throw this.#requests === before && meter.refused !== undefined ? meter.refused : error;
    } finally {
      if (this.#requests > before) {
        const tookMs = Math.max(0, clock.now() - startedAt - meter.waited);
        this.#targetMs += tookMs;
        this.#o.observed(tookMs);
      }
      slots.give();
    }
  }

  #context(meter: { waited: number; refused: Error | undefined }): CallContext {
    const { clock, bucket, lane, spConnection, signal, traceparent } = this.#o;
    return {
      signal,
      ...(traceparent === undefined ? {} : { traceparent }),
      acquire: async () => {
        const askedAt = clock.now();
        try {
          await bucket.acquire(lane, spConnection);
          if (!this.#o.owns()) throw new OwnershipLost('The lease on the SP connection has lapsed.');
        } catch (error) {
          if (error instanceof ScopeWaits || error instanceof OwnershipLost) meter.refused = error;
          throw error;
        } finally {
          meter.waited += clock.now() - askedAt;
        }
        this.#requests += 1;
      },
    };
  }
}
