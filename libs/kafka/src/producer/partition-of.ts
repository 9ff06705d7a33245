import kafkajs from 'kafkajs';

/** Places records as the Java client does (murmur2 of the key); the producer uses it as well. */
export const createPartitioner = kafkajs.Partitioners.DefaultPartitioner;

/** The partition in which the producer puts records of a key, of a topic with so many partitions. */
export function partitionOf(key: string, partitions: number): number {
  const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
    partitionId,
    partitionErrorCode: 0,
    leader: 0,
    replicas: [],
    isr: [],
  }));
  return createPartitioner()({ topic: '', partitionMetadata, message: { key, value: null } });
}
