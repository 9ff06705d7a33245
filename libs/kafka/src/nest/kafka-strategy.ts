import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { BatchConsumer } from '../consumer/batch-consumer.js';
import type { AnySubscription, BatchConsumerOptions, BatchContext, ConsumerHealth } from '../consumer/subscription.js';
import type { KafkaClient } from '../kafka-client.js';
import type { ReceivedRecord } from '../records.js';
import { HandlerFailure, type BatchHandlerExtras } from './batch-handler.js';

export interface KafkaStrategyOptions extends Omit<BatchConsumerOptions, 'subscriptions'> {
  readonly client: KafkaClient;
}

/**
 * Runs the `@BatchHandler` methods of a Nest application on one BatchConsumer. Nest brings dependency injection and lifecycle;
 * order, commits, back-pressure and dead letters are the consumer's.
 */
export class KafkaStrategy extends Server implements CustomTransportStrategy {
  override readonly transportId = Symbol('provisor-kafka');
  override readonly propagatesEventHandlerErrors = true;
  readonly #o: KafkaStrategyOptions;
  #consumer: BatchConsumer | undefined;

  constructor(options: KafkaStrategyOptions) {
    super();
    this.#o = options;
  }

  /** Called by Nest when the application starts to listen; `callback` gets the error if the consumer cannot start. */
  listen(callback: (error?: unknown) => void): void {
    const { client, ...options } = this.#o;
    const subscriptions = [...this.messageHandlers.values()].map((handler) => subscriptionOf(handler));
    this.#consumer = client.batchConsumer({ ...options, subscriptions });
    this.#consumer.start().then(() => callback(), callback);
  }

  /** Drains. */
  async close(): Promise<void> {
    await this.#consumer?.stop();
  }

  health(): ConsumerHealth | undefined {
    return this.#consumer?.health();
  }

  on(event: string): never {
    throw new Error(`The Kafka strategy emits no events such as ${event}; ask health() instead.`);
  }

  unwrap<C>(): C {
    return this.#consumer as C;
  }
}

function subscriptionOf(handler: MessageHandler): AnySubscription {
  const { contract, mode, concurrency } = handler.extras as BatchHandlerExtras;
  return {
    contract,
    mode,
    ...(concurrency === undefined ? {} : { concurrency }),
    handle: (batch, context) => run(handler, batch, context),
  };
}

async function run(
  handler: MessageHandler,
  batch: readonly ReceivedRecord<never>[],
  context: BatchContext,
): Promise<void> {
  const answer: unknown = await handler(batch, context);
  const result: unknown = isObservable(answer) ? await lastValueFrom(answer, { defaultValue: undefined }) : answer;
  if (result instanceof HandlerFailure) throw result.error;
}
