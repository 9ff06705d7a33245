import { performance } from 'node:perf_hooks';
import { context, metrics as metricsApi, propagation, trace } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import {
  defaultResource,
  envDetector,
  hostDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources';
import { PeriodicExportingMetricReader, type IMetricReader } from '@opentelemetry/sdk-metrics';
import { NodeSDK, type NodeSDKConfiguration } from '@opentelemetry/sdk-node';
import { AlwaysOffSampler, BatchSpanProcessor, NoopSpanProcessor } from '@opentelemetry/sdk-trace';
import {
  ATTR_SERVICE_NAME,
  ATTR_SERVICE_VERSION,
  ATTR_URL_FULL,
  ATTR_URL_QUERY,
} from '@opentelemetry/semantic-conventions';
import { GaugeProducer } from './gauge-producer.js';
import { lateBoundMetrics } from './metrics.js';

export interface Telemetry {
  /** Every metric of the process in Prometheus' text format 0.0.4. */
  metricsText(): Promise<string>;
  /** Sends what is left, for at most 5 s, and stops. */
  shutdown(): Promise<void>;
}

export interface TelemetryOptions {
  readonly service: string;
  readonly version: string;
}

const SHUTDOWN_MS = 5_000;

let running: Telemetry | undefined;

/**
 * Starts tracing and metrics of this process. Spans and metrics are sent by OTLP if `OTEL_EXPORTER_OTLP_ENDPOINT` (or the one of
 * the signal) is set; without it spans are not sampled, and only their ids exist, for results, logs and timelines. A second call in one
 * process returns the first telemetry: several services may share a process.
 */
export function startTelemetry(options: TelemetryOptions): Telemetry {
  running ??= start(options);
  return running;
}

function start(options: TelemetryOptions): Telemetry {
  const gauges = new GaugeProducer(lateBoundMetrics);
  const prometheus = new PrometheusExporter({ preventServerStart: true, metricProducers: [gauges] });
  const instrumentations = [
    new UndiciInstrumentation({ requireParentforSpans: true, startSpanHook: withoutQuery }),
    new PgInstrumentation({ requireParentSpan: true, ignoreConnectSpans: true }),
  ];
  const sdk = new NodeSDK({
    resource: defaultResource().merge(
      resourceFromAttributes({ [ATTR_SERVICE_NAME]: options.service, [ATTR_SERVICE_VERSION]: options.version }),
    ),
    // No process detector: it would put the command line, and what somebody passed there, into every signal.
    resourceDetectors: [envDetector, hostDetector, serviceInstanceIdDetector],
    metricReaders: [prometheus, ...otlpMetricReaders(gauges)],
    ...tracing(),
    logRecordProcessors: [],
    instrumentations,
  });
  sdk.start();
  const endings = [observeProcess(), ...instrumentations.map((instrumentation) => () => instrumentation.disable())];
  return new RunningTelemetry({ sdk, prometheus, end: () => endings.forEach((end) => end()) });
}

/** A SCIM filter in the query names a person, and spans are read by more people than accounts are. */
function withoutQuery(request: { origin: string; path: string }): Record<string, string> {
  const [path = ''] = request.path.split('?');
  return { [ATTR_URL_FULL]: `${request.origin}${path}`, [ATTR_URL_QUERY]: '' };
}

interface TelemetryParts {
  readonly sdk: NodeSDK;
  readonly prometheus: PrometheusExporter;
  end(): void;
}

class RunningTelemetry implements Telemetry {
  readonly #parts: TelemetryParts;
  readonly #serializer = new PrometheusSerializer(undefined, false, undefined, false, true);
  #stopped: Promise<void> | undefined;

  constructor(parts: TelemetryParts) {
    this.#parts = parts;
  }

  async metricsText(): Promise<string> {
    if (this.#stopped !== undefined || process.env.OTEL_SDK_DISABLED === 'true') return '# telemetry is switched off\n';
    const { resourceMetrics } = await this.#parts.prometheus.collect();
    return `${this.#serializer.serialize(resourceMetrics).trimEnd()}\n`;
  }

  shutdown(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    running = undefined;
    this.#parts.end();
    const { promise: timeout, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, SHUTDOWN_MS);
    // A collector that is away is no reason to fail a shutdown.
    await Promise.race([this.#parts.sdk.shutdown().catch(() => undefined), timeout]);
    clearTimeout(timer);
    // So that a later start in the same process can register its own.
    for (const api of [trace, metricsApi, context, propagation]) api.disable();
  }
}

/** What nobody will see is not recorded: ids alone cost next to nothing. */
function tracing(): Pick<Partial<NodeSDKConfiguration>, 'spanProcessors' | 'sampler'> {
  return otlpEndpoint('TRACES')
    ? { spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })] }
    : { spanProcessors: [new NoopSpanProcessor()], sampler: new AlwaysOffSampler() };
}

function otlpMetricReaders(gauges: GaugeProducer): IMetricReader[] {
  if (!otlpEndpoint('METRICS')) return [];
  return [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter(), metricProducers: [gauges] })];
}

/** The variables of the OpenTelemetry Protocol Exporter specification; a blank one counts as unset. */
function otlpEndpoint(signal: 'TRACES' | 'METRICS'): boolean {
  const { env } = process;
  return Boolean(env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`]?.trim() ?? env.OTEL_EXPORTER_OTLP_ENDPOINT?.trim());
}

function observeProcess(): () => void {
  let last = performance.eventLoopUtilization();
  const endings = [
    lateBoundMetrics.gauge('process.memory.usage', () => [{ value: process.memoryUsage.rss() }]),
    lateBoundMetrics.gauge('nodejs.eventloop.utilization', () => {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, last);
      last = now;
      return [{ value: utilization }];
    }),
  ];
  return () => endings.forEach((end) => end());
}
