import type { Lane, Operation } from '@provisor/contracts';
import { REPAIR_REASON, type SettleItem } from '@provisor/persistence';
import { metrics } from '@provisor/telemetry';

/** Counts what attempts came to. */
export class DeliveryMetrics {
  readonly #targetType: string;
  readonly #attempts = metrics.counter('provisioning.delivery.attempts');
  readonly #age = metrics.histogram('provisioning.delivery.age');

  constructor(targetType: string) {
    this.#targetType = targetType;
  }

  /** `reason`: why the object was due. */
  attempted(made: { item: SettleItem; operation: Operation; lane: Lane; reason: string; occurredAt: number }): void {
    const { item, operation, lane, reason, occurredAt } = made;
    this.#attempts.add(1, { outcome: item.lastOutcome.kind, target_type: this.#targetType, operation });
    // What is repaired was delivered long ago: its age would tell nothing of how fast changes are.
    if (item.lastOutcome.kind === 'applied' && reason !== REPAIR_REASON)
      this.#age.record(Math.max(0, item.lastOutcome.at - occurredAt) / 1000, { target_type: this.#targetType, lane });
  }

  superseded(count: number): void {
    if (count > 0)
      this.#attempts.add(count, { outcome: 'superseded', target_type: this.#targetType, operation: 'none' });
  }

  edgesSent(outcome: string, operation: Operation): void {
    this.#attempts.add(1, {
      outcome: outcome === 'vanished' ? 'retryable' : outcome,
      target_type: this.#targetType,
      operation,
    });
  }
}
