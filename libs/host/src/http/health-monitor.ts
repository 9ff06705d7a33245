import type { HealthReport } from '../service.js';
import { within } from '../within.js';

/** A probe waits no longer than this; Kubernetes' own time-out is above it. */
const ANSWER_MS = 2_000;

/** Asks the running service for its health and stands in for it while it starts, stops or hangs. */
export class HealthMonitor {
  #phase: 'starting' | 'running' | 'stopping' = 'starting';
  #source: (() => Promise<HealthReport>) | undefined;
  #live = true;

  started(source: () => Promise<HealthReport>): void {
    this.#source = source;
    this.#phase = 'running';
  }

  /** From here on not ready, so that no new work is sent here while the rest is finished. */
  stopping(): void {
    this.#phase = 'stopping';
  }

  async report(): Promise<HealthReport> {
    if (this.#phase !== 'running' || this.#source === undefined) {
      return { live: this.#live, ready: false, details: { phase: this.#phase } };
    }
    try {
      const report = await within(ANSWER_MS, this.#source(), 'The health report took longer than 2 s.');
      this.#live = report.live;
      return report;
    } catch (error) {
      // What hangs here is usually the database, which a restart does not mend: so liveness stays as it was last seen.
      return {
        live: this.#live,
        ready: false,
        details: { problem: error instanceof Error ? error.message : String(error) },
      };
    }
  }
}
