export { createLogger, silentLogger, type Fields, type Logger, type LoggerOptions } from './logger.js';
export { redact } from './redact.js';
export {
  METRIC_NAMES,
  type CounterName,
  type GaugeName,
  type HistogramName,
  type MetricDefinition,
  type MetricKind,
  type MetricName,
} from './metric-names.js';
export {
  metrics,
  type CounterInstrument,
  type HistogramInstrument,
  type MetricAttributes,
  type Metrics,
  type Reading,
} from './metrics.js';
export {
  activeTraceparent,
  traceIdOf,
  withSpan,
  type ActiveSpan,
  type SpanAttributes,
  type SpanOptions,
} from './spans.js';
export { startTelemetry, type Telemetry, type TelemetryOptions } from './telemetry.js';
