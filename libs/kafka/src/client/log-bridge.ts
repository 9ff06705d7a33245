import type { Logger } from '@provisor/telemetry';
import kafkajs, { type LogEntry, type logCreator } from 'kafkajs';

/**
 * Things that kafkajs reports as errors or warnings although they belong to every start, rebalance or leader change and are
 * repeated by itself until they succeed.
 */
const ORDINARY = [
  /coordinator is (loading|not available)/i,
  /not the (correct )?coordinator/i,
  /coordinator is not aware of this member/i,
  /group is rebalancing/i,
  /rebalance.* in progress/i,
  /member needs to have a valid member id/i,
  /no leader for this topic-partition/i,
  /not the leader for that topic-partition/i,
  /leader is not available|leadership election/i,
  /topic .* already exists/i,
  /Limiting retries for the idempotent producer/i,
];

/** Said by our logger anyway, or of no help. */
const REPEATED = new Set(['message', 'timestamp', 'logger', 'stack']);

/** Hands what kafkajs logs to our logger, one level lower: it repeats by itself what it complains about. */
export function logBridge(log: Logger): logCreator {
  return () => (entry: LogEntry) => {
    const { message } = entry.log;
    const fields = Object.fromEntries(Object.entries(entry.log).filter(([name]) => !REPEATED.has(name)));
    const text = `Kafka client: ${message}`;
    const details = { namespace: entry.namespace, ...fields };
    if (entry.level >= kafkajs.logLevel.INFO || isOrdinary(message, fields['error'])) log.debug(text, details);
    else log.warn(text, details);
  };
}

function isOrdinary(message: string, error: unknown): boolean {
  const words = typeof error === 'string' ? `${message} ${error}` : message;
  return ORDINARY.some((pattern) => pattern.test(words));
}
