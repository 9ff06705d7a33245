import { ValueType, type HrTime } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  DataPointType,
  type CollectionResult,
  type GaugeMetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';
import { METRIC_NAMES, type GaugeName } from './metric-names.js';
import type { GaugeReadings, Reading } from './metrics.js';

/**
 * Gauges without memory. The SDK's observable gauge goes on to show the last value of a series that nobody observes any more, so
 * that an SP connection which another replica has taken over would look stuck here for ever.
 */
export class GaugeProducer implements MetricProducer {
  readonly #gauges: GaugeReadings;

  constructor(gauges: GaugeReadings) {
    this.#gauges = gauges;
  }

  async collect(): Promise<CollectionResult> {
    const readings = await this.#gauges.read();
    const now = hrTime();
    const metrics = [...readings]
      .filter(([, list]) => list.length > 0)
      .map(([name, list]) => metricOf(name, list, now));
    return {
      // The reader puts its own resource here.
      resourceMetrics: { resource: emptyResource(), scopeMetrics: [{ scope: { name: 'provisor' }, metrics }] },
      errors: [],
    };
  }
}

function metricOf(name: GaugeName, readings: readonly Reading[], now: HrTime): GaugeMetricData {
  const { meaning, unit } = METRIC_NAMES[name];
  return {
    descriptor: { name, description: meaning, unit, valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPointType: DataPointType.GAUGE,
    dataPoints: readings.map(({ value, attributes }) => ({
      startTime: now,
      endTime: now,
      attributes: attributes ?? {},
      value,
    })),
  };
}

function hrTime(): HrTime {
  const ms = Date.now();
  return [Math.floor(ms / 1000), (ms % 1000) * 1_000_000];
}
