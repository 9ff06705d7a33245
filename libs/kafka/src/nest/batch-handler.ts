import type { TopicContract } from '@provisor/contracts';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { BatchContext, Subscription } from '../consumer/subscription.js';
import type { ReceivedRecord } from '../records.js';

export type BatchHandlerOptions = Pick<Subscription<unknown>, 'mode' | 'concurrency'>;

/** What the strategy finds beside a handler. */
export interface BatchHandlerExtras extends BatchHandlerOptions {
  readonly contract: TopicContract<never>;
}

/** An error on its way through Nest, whose exception filters would replace it by a message. */
export class HandlerFailure {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

type BatchMethod<T> = (batch: readonly ReceivedRecord<T>[], context: BatchContext) => Promise<void>;

/** Names a controller's method as the handler of a topic. What holds for `Subscription.handle` holds for the method. */
export function BatchHandler<T>(contract: TopicContract<T>, options: BatchHandlerOptions = { mode: 'batch' }) {
  return (target: object, key: string | symbol, descriptor: TypedPropertyDescriptor<BatchMethod<T>>): void => {
    const method = descriptor.value;
    if (method === undefined) throw new TypeError('BatchHandler belongs on a method.');
    const guarded = async function (this: unknown, batch: readonly ReceivedRecord<T>[], context: BatchContext) {
      try {
        await method.call(this, batch, context);
        return undefined;
      } catch (error) {
        return new HandlerFailure(error);
      }
    };
    descriptor.value = guarded as unknown as BatchMethod<T>;
    const extras: BatchHandlerExtras = { contract: contract as unknown as TopicContract<never>, ...options };
    (EventPattern(contract.name, { ...extras }) as MethodDecorator)(target, key, descriptor);
    Payload()(target, key, 0);
    Ctx()(target, key, 1);
  };
}
