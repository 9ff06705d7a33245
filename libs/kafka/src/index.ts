export type { OutgoingRecord, RawRecord, ReceivedRecord, TopicPartition } from './records.js';
export type { KafkaClock, KafkaSasl, KafkaSettings } from './settings.js';
export { KafkaClient, type ReadToEndOptions } from './kafka-client.js';
export { RecordTooLargeError } from './producer/send-plan.js';
export { partitionOf } from './producer/partition-of.js';
export type { RecordProducer } from './producer/record-producer.js';
export type { BatchConsumer } from './consumer/batch-consumer.js';
export {
  subscription,
  type AnySubscription,
  type BatchConsumerOptions,
  type BatchContext,
  type ConsumerHealth,
  type Subscription,
} from './consumer/subscription.js';
export { PoisonRecordError } from './consumer/poison-record-error.js';
export type { CompactedView, ViewListener } from './reader/compacted-view.js';
export {
  TopicMisfitError,
  type PartitionLag,
  type PartitionOffsets,
  type TopicAdmin,
  type TopicSetup,
} from './admin/topic-admin.js';
export type { TopicMisfit } from './admin/topic-fit.js';
export { deadLetterId, REPLAY_OF_HEADER } from './dead-letters/dead-letter-publisher.js';
export { BatchHandler, type BatchHandlerOptions } from './nest/batch-handler.js';
export { KafkaStrategy, type KafkaStrategyOptions } from './nest/kafka-strategy.js';
