export type MetricKind = 'counter' | 'histogram' | 'gauge';

export interface MetricDefinition {
  readonly kind: MetricKind;
  /** UCUM unit, as OpenTelemetry writes it. */
  readonly unit: string;
  readonly meaning: string;
  /** Attribute names. Nothing about a single object: a metric has few series. */
  readonly attributes: readonly string[];
  /** Upper bounds of a histogram's buckets, in `unit`. */
  readonly buckets?: readonly number[];
}

/** From a healthy hand-over (milliseconds) to work that waited over a weekend, in seconds. */
const AGE_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400, 259_200];
/** One call or one batch, in seconds. */
const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * Every instrument by its name. The Prometheus text has `_` for `.`, and counters end in `_total`; no unit is appended.
 * `messaging.*` follows the OpenTelemetry semantic conventions 1.45.
 */
export const METRIC_NAMES = {
  'provisioning.delivery.attempts': {
    kind: 'counter',
    unit: '{attempt}',
    meaning: 'Finished attempts and decisions not to act, by how they ended.',
    attributes: ['outcome', 'target_type', 'operation'],
  },
  'provisioning.delivery.age': {
    kind: 'histogram',
    unit: 's',
    meaning:
      'From the change at its source (occurredAt) to its being applied at the target. The service level indicator.',
    attributes: ['target_type', 'lane'],
    buckets: AGE_BUCKETS,
  },
  'provisioning.pending': {
    kind: 'gauge',
    unit: '{object}',
    meaning: 'Target objects whose desired state is not applied yet.',
    attributes: ['sp_connection'],
  },
  'provisioning.oldest_pending_age': {
    kind: 'gauge',
    unit: 's',
    meaning: 'Age of the oldest change that is not applied yet; 0 with nothing pending.',
    attributes: ['sp_connection'],
  },
  'provisioning.failed': {
    kind: 'gauge',
    unit: '{object}',
    meaning: 'Target objects that wait for a new desired state, a new configuration or a replay by a person.',
    attributes: ['sp_connection'],
  },
  'provisioning.held': {
    kind: 'gauge',
    unit: '{object}',
    meaning: 'Changes of accounts and memberships that a guard has stopped until somebody approves or rejects them.',
    attributes: ['sp_connection'],
  },
  'provisioning.quarantined': {
    kind: 'gauge',
    unit: '1',
    meaning: '1 while an SP connection is halted (credentials, TLS, missing capability), else 0.',
    attributes: ['sp_connection'],
  },
  'provisioning.accounting': {
    kind: 'gauge',
    unit: '{version}',
    meaning:
      'Versions of desired states since the beginning, by what became of them; `accepted` is the sum of all other states.',
    attributes: ['sp_connection', 'state'],
  },
  'provisioning.accounting.difference': {
    kind: 'gauge',
    unit: '{version}',
    meaning: 'Accepted versions less what became of them: 0, or something was lost or counted twice.',
    attributes: ['sp_connection'],
  },
  'provisioning.capture.changes': {
    kind: 'counter',
    unit: '{change}',
    meaning: 'Identity changes that change capture has numbered and stored for publication.',
    attributes: ['data_store', 'object_type'],
  },
  'provisioning.capture.source_healthy': {
    kind: 'gauge',
    unit: '1',
    meaning: '1 while a data store can be read and its removals are trusted, else 0.',
    attributes: ['data_store'],
  },
  'provisioning.mapping.commands': {
    kind: 'counter',
    unit: '{command}',
    meaning: 'Provisioning commands that mapping has published.',
    attributes: ['target_type', 'lane'],
  },
  'provisioning.mapping.failures': {
    kind: 'counter',
    unit: '{failure}',
    meaning: 'Objects that could not be mapped for one SP connection.',
    attributes: ['code'],
  },
  'provisioning.outbox.pending': {
    kind: 'gauge',
    unit: '{record}',
    meaning: 'Committed outbox rows that are not published yet.',
    attributes: ['schema'],
  },
  'provisioning.outbox.oldest_age': {
    kind: 'gauge',
    unit: 's',
    meaning: 'Age of the oldest outbox row that is not published yet; 0 with an empty outbox.',
    attributes: ['schema'],
  },
  'provisioning.dead_letters': {
    kind: 'counter',
    unit: '{record}',
    meaning: 'Records written to the dead-letter topic.',
    attributes: ['stage', 'code'],
  },
  'provisioning.consumer.lag': {
    kind: 'gauge',
    unit: '{record}',
    meaning: 'Records of a topic that a consumer group has not handled and committed yet.',
    attributes: ['group', 'topic'],
  },
  'provisioning.consumer.rebalances': {
    kind: 'counter',
    unit: '{rebalance}',
    meaning: 'Assignments that this process got from its consumer group.',
    attributes: ['group'],
  },
  'messaging.client.operation.duration': {
    kind: 'histogram',
    unit: 's',
    meaning: 'Duration of a send, receive or commit at the broker.',
    attributes: ['messaging.operation.name', 'messaging.destination.name', 'error.type'],
    buckets: DURATION_BUCKETS,
  },
  'messaging.client.sent.messages': {
    kind: 'counter',
    unit: '{message}',
    meaning: 'Records sent to the broker.',
    attributes: ['messaging.destination.name', 'error.type'],
  },
  'messaging.client.consumed.messages': {
    kind: 'counter',
    unit: '{message}',
    meaning: 'Records received from the broker.',
    attributes: ['messaging.destination.name', 'messaging.consumer.group.name'],
  },
  'messaging.process.duration': {
    kind: 'histogram',
    unit: 's',
    meaning: 'Duration of handling one batch.',
    attributes: ['messaging.destination.name', 'messaging.consumer.group.name', 'error.type'],
    buckets: DURATION_BUCKETS,
  },
  'process.memory.usage': {
    kind: 'gauge',
    unit: 'By',
    meaning: 'Resident memory of the process.',
    attributes: [],
  },
  'nodejs.eventloop.utilization': {
    kind: 'gauge',
    unit: '1',
    meaning: 'Share of time that the event loop was busy since the last reading.',
    attributes: [],
  },
} as const satisfies Record<string, MetricDefinition>;

type NameOf<K extends MetricKind> = {
  [N in keyof typeof METRIC_NAMES]: (typeof METRIC_NAMES)[N]['kind'] extends K ? N : never;
}[keyof typeof METRIC_NAMES];

export type MetricName = keyof typeof METRIC_NAMES;
export type CounterName = NameOf<'counter'>;
export type HistogramName = NameOf<'histogram'>;
export type GaugeName = NameOf<'gauge'>;
