import type { CallOutcome, Halted } from '@provisor/provisioning';
import type { Quarantine } from '@provisor/persistence';
import { Breaker } from './breaker.js';

/** Why no call is made for an SP connection. */
export interface Block {
  readonly kind: 'paused' | 'inactive' | 'no-configuration' | 'quarantined' | 'breaker-open';
  /** When it is tried again by itself, in milliseconds since the epoch; absent where that is going on. */
  readonly until?: number;
}

/** Handed out when work begins and handed back when it ends. */
export interface Passage {
  readonly breakerProbe: boolean;
  readonly quarantineProbe: boolean;
}

/** What an ended call changed. */
export type GateChange =
  | { readonly kind: 'none' }
  /** The service provider works again: whatever waited for that is due. */
  | { readonly kind: 'recovered' }
  | { readonly kind: 'opened' }
  | { readonly kind: 'quarantined'; readonly quarantine: Quarantine; readonly probeAt: number }
  | { readonly kind: 'released' };

const FIRST_PROBE_MS = 5_000;
const LAST_PROBE_MS = 300_000;

/** Decides whether calls may be made for one SP connection: pause, quarantine, breaker. */
export class ConnectionGate {
  readonly #breaker = new Breaker();
  #paused = false;
  #configured: 'active' | 'inactive' | 'missing' = 'missing';
  #quarantine: Quarantine | null = null;
  #probeAt = 0;
  #probes = 0;
  #probing = false;

  get paused(): boolean {
    return this.#paused;
  }

  get quarantine(): Quarantine | null {
    return this.#quarantine;
  }

  get breakerOpenUntil(): number | undefined {
    return this.#breaker.openUntil;
  }

  /** As it stands in the database. */
  restore(state: { paused: boolean; quarantine: Quarantine | null; probeAt: number | null }): void {
    this.#paused = state.paused;
    this.#quarantine = state.quarantine;
    this.#probeAt = state.probeAt ?? 0;
  }

  /** A person ends the quarantine; the next answer decides whether it begins again. */
  release(): void {
    this.#quarantine = null;
    this.#probeAt = 0;
    this.#probes = 0;
  }

  pause(paused: boolean): void {
    this.#paused = paused;
  }

  configure(configured: 'active' | 'inactive' | 'missing'): void {
    this.#configured = configured;
    // New settings may be the cure: they are tried at once.
    this.#probeAt = 0;
  }

  /** Why no call may be made; undefined where one may, be it a probe. */
  block(now: number): Block | undefined {
    const stopped = this.#stopped();
    if (stopped !== undefined) return stopped;
    if (this.#quarantine !== null && (now < this.#probeAt || this.#probing))
      return { kind: 'quarantined', until: this.#probeAt };
    if (!this.#breaker.admits(now)) return { kind: 'breaker-open', until: this.#breaker.openUntil ?? now };
    return undefined;
  }

  /** What is wrong, for a person to read: also while a probe may be made or is under way. */
  trouble(now: number): Block | undefined {
    const stopped = this.#stopped();
    if (stopped !== undefined) return stopped;
    const ahead = (until: number) => (until > now ? { until } : {});
    if (this.#quarantine !== null) return { kind: 'quarantined', ...ahead(this.#probeAt) };
    const { openUntil } = this.#breaker;
    return openUntil === undefined ? undefined : { kind: 'breaker-open', ...ahead(openUntil) };
  }

  #stopped(): Block | undefined {
    if (this.#configured === 'missing') return { kind: 'no-configuration' };
    if (this.#configured === 'inactive') return { kind: 'inactive' };
    return this.#paused ? { kind: 'paused' } : undefined;
  }

  /** Must be open. */
  pass(now: number): Passage {
    const quarantineProbe = this.#quarantine !== null;
    if (quarantineProbe) this.#probing = true;
    return { breakerProbe: this.#breaker.began(now), quarantineProbe };
  }

  /** `outcome` is absent where no call was made, or its answer tells nothing about the service provider. */
  left(passage: Passage, outcome: CallOutcome | undefined, at: { now: number; random: number }): GateChange {
    if (passage.quarantineProbe) this.#probing = false;
    if (outcome === undefined || (outcome.kind === 'retryable' && (outcome.throttled ?? false))) {
      this.#breaker.undecided(passage.breakerProbe);
      return { kind: 'none' };
    }
    if (outcome.kind === 'halted') return this.#halted(passage, outcome, at);
    if (outcome.kind === 'retryable' && (outcome.systemic ?? false)) {
      const opened = this.#breaker.failed(passage.breakerProbe, at.now, at.random);
      return { kind: opened ? 'opened' : 'none' };
    }
    const recovered = this.#breaker.succeeded(passage.breakerProbe);
    if (passage.quarantineProbe && this.#quarantine !== null) {
      this.#quarantine = null;
      this.#probes = 0;
      return { kind: 'released' };
    }
    return { kind: recovered ? 'recovered' : 'none' };
  }

  #halted(passage: Passage, outcome: Halted, { now, random }: { now: number; random: number }): GateChange {
    this.#breaker.undecided(passage.breakerProbe);
    // Calls that were in flight when it was quarantined add nothing.
    if (this.#quarantine !== null && !passage.quarantineProbe) return { kind: 'none' };
    const span = Math.min(LAST_PROBE_MS, FIRST_PROBE_MS * 2 ** Math.min(20, this.#probes));
    this.#probes += 1;
    this.#probeAt = now + Math.round(span * (0.75 + random / 4));
    this.#quarantine = {
      code: outcome.code,
      ...(outcome.cause === undefined ? {} : { cause: outcome.cause }),
      ...(outcome.remedy === undefined ? {} : { remedy: outcome.remedy }),
      since: this.#quarantine?.since ?? now,
    };
    return { kind: 'quarantined', quarantine: this.#quarantine, probeAt: this.#probeAt };
  }
}
