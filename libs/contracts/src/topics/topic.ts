import type { z } from 'zod';

/** What a topic carries and how it must be set up. Names are without the installation's prefix. */
export interface TopicContract<T> {
  readonly name: string;
  /** What stands in `ce_type`. */
  readonly type: string;
  readonly schema: z.ZodType<T>;
  readonly key: (value: T) => string;
  readonly title: string;
  readonly keyDescription: string;
  /** Default number of partitions of a new topic. */
  readonly partitions: number;
  /** Topic configuration that must hold (Kafka names); checked at start. */
  readonly config: Readonly<Record<string, string>>;
}
