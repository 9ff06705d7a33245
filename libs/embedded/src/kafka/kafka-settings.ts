export interface KafkaPorts {
  readonly client: number;
  /** What clients are told. */
  readonly advertised: number;
  readonly controller: number;
}

/**
 * Settings of one broker that is its own controller and serves the loopback interface only. Sized for a small machine: few
 * threads, a small cleaner buffer, small index files, no delay before a consumer group's first assignment.
 */
export function kafkaSettings(o: { ports: KafkaPorts; dataDir: string }): Record<string, string> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${o.ports.controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${o.ports.client},CONTROLLER://127.0.0.1:${o.ports.controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${o.ports.advertised}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'log.dirs': o.dataDir,
    ...sharedSettings,
  };
}

/** What holds for the child process and for the container alike. */
export const sharedSettings: Readonly<Record<string, string>> = {
  'auto.create.topics.enable': 'false',
  'num.partitions': '12',
  'default.replication.factor': '1',
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '8',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '4',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'group.initial.rebalance.delay.ms': '0',
  'num.network.threads': '2',
  'num.io.threads': '4',
  'background.threads': '2',
  'log.cleaner.dedupe.buffer.size': '33554432',
  'log.index.size.max.bytes': '1048576',
  'log.retention.check.interval.ms': '300000',
};

/** The Java properties format. */
export const toProperties = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([key, value]) => `${key}=${value.replaceAll('\\', '\\\\')}\n`)
    .join('');

/** `log.dirs` → `KAFKA_LOG_DIRS`, as the container image reads them. */
export const toEnvironment = (settings: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [`KAFKA_${key.toUpperCase().replaceAll('.', '_')}`, value]),
  );

/** Warnings and errors only: what a healthy broker says at start is of no use here. */
export const QUIET_LOG4J2 = `status = error
rootLogger.level = warn
rootLogger.appenderRef.stdout.ref = stdout
appender.stdout.type = Console
appender.stdout.name = stdout
appender.stdout.layout.type = PatternLayout
appender.stdout.layout.pattern = %d{ISO8601} %p %c{1} %m%n
`;
