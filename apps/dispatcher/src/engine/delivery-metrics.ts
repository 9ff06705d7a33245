import type { Lane, Operation } from '@provisor/contracts';
import type { SettleItem } from '@provisor/persistence';
import { metrics } from '@provisor/telemetry';

/** Counts what attempts came to. */
export class DeliveryMetrics {
  readonly #targetType: string;
  readonly #attempts = metrics.counter('provisioning.delivery.attempts');
  readonly #age = metrics.histogram('provisioning.delivery.age');

  constructor(targetType: string) {
    this.#targetType = targetType;
  }

  attempted(made: { item: SettleItem; operation: Operation; lane: Lane; occurredAt: number }): void {
    const { item, operation, lane, occurredAt } = made;
    this.#attempts.add(1, { outcome: item.lastOutcome.kind, target_type: this.#targetType, operation });
    if (item.lastOutcome.kind === 'applied')
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
