/** A record on its way to a topic. */
export interface OutgoingRecord {
  /** Name of the topic contract, without the installation's prefix. */
  readonly topic: string;
  /** Decides the partition (murmur2, as in the Java client). */
  readonly key: string;
  /** null is a tombstone. */
  readonly value: string | null;
  /** `traceparent` is added from the active span where it is missing. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A record that has been decoded and has passed its topic's schema. */
export interface ReceivedRecord<T> {
  /** Name of the topic contract, without the installation's prefix. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string;
  /** null is a tombstone. */
  readonly value: T | null;
  readonly headers: Readonly<Record<string, string>>;
  /** When the producer or the broker stamped it, in milliseconds since 1970. */
  readonly timestamp: number;
  /** W3C trace context of what caused the record. */
  readonly traceparent?: string;
  /** `ce_id`. */
  readonly eventId?: string;
}

/** A record as the broker delivered it. `partition` and `offset` place it in its topic. */
export interface RawRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly timestamp: number;
}

/** A partition of a topic contract (name without prefix). */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}
