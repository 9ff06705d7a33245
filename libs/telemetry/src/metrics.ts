import { metrics as api, type Meter, type MeterProvider } from '@opentelemetry/api';
import {
  METRIC_NAMES,
  type CounterName,
  type GaugeName,
  type HistogramName,
  type MetricDefinition,
  type MetricName,
} from './metric-names.js';

export type MetricAttributes = Readonly<Record<string, string | number | boolean>>;

export interface CounterInstrument {
  add(value: number, attributes?: MetricAttributes): void;
}

export interface HistogramInstrument {
  /** In the unit that METRIC_NAMES states. */
  record(value: number, attributes?: MetricAttributes): void;
}

/** One series of a gauge at this moment. */
export interface Reading {
  readonly value: number;
  readonly attributes?: MetricAttributes;
}

export interface Metrics {
  counter(name: CounterName): CounterInstrument;
  histogram(name: HistogramName): HistogramInstrument;
  /**
   * `read` is asked at every collection; series that it no longer names disappear. Several readers of one name add up their
   * series. A reader that throws is left out of that collection. Returns how to end it.
   */
  gauge(name: GaugeName, read: () => readonly Reading[] | Promise<readonly Reading[]>): () => void;
}

/** What every gauge shows at this moment. */
export interface GaugeReadings {
  read(): Promise<ReadonlyMap<GaugeName, readonly Reading[]>>;
}

type Reader = () => readonly Reading[] | Promise<readonly Reading[]>;

/**
 * Instruments are bound to the meter provider at their first use and bound anew when it changes, so that a module may name its
 * instruments before telemetry has started.
 */
class LateBoundMetrics implements Metrics, GaugeReadings {
  readonly #readers = new Map<GaugeName, Set<Reader>>();
  readonly #instruments = new Map<MetricName, CounterInstrument | HistogramInstrument>();
  #provider: MeterProvider | undefined;

  counter(name: CounterName): CounterInstrument {
    return {
      add: (value, attributes) => {
        const counter = this.#instrument(name, (meter, d) =>
          meter.createCounter(name, describe(d)),
        ) as CounterInstrument;
        counter.add(value, attributes);
      },
    };
  }

  histogram(name: HistogramName): HistogramInstrument {
    return {
      record: (value, attributes) => {
        const histogram = this.#instrument(name, (meter, d) =>
          meter.createHistogram(name, {
            ...describe(d),
            ...(d.buckets === undefined ? {} : { advice: { explicitBucketBoundaries: [...d.buckets] } }),
          }),
        ) as HistogramInstrument;
        histogram.record(value, attributes);
      },
    };
  }

  gauge(name: GaugeName, read: Reader): () => void {
    const readers = this.#readers.get(name) ?? new Set();
    this.#readers.set(name, readers.add(read));
    return () => void readers.delete(read);
  }

  async read(): Promise<ReadonlyMap<GaugeName, readonly Reading[]>> {
    const all = [...this.#readers].map(async ([name, readers]) => [name, await readAll(readers)] as const);
    return new Map(await Promise.all(all));
  }

  #instrument(
    name: MetricName,
    create: (meter: Meter, definition: MetricDefinition) => CounterInstrument | HistogramInstrument,
  ): CounterInstrument | HistogramInstrument {
    const provider = api.getMeterProvider();
    if (provider !== this.#provider) {
      this.#provider = provider;
      this.#instruments.clear();
    }
    const known = this.#instruments.get(name);
    if (known !== undefined) return known;
    const created = create(provider.getMeter('provisor'), METRIC_NAMES[name]);
    this.#instruments.set(name, created);
    return created;
  }
}

async function readAll(readers: ReadonlySet<Reader>): Promise<readonly Reading[]> {
  const answers = await Promise.allSettled([...readers].map(async (read) => read()));
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
}

function describe(definition: MetricDefinition): { unit: string; description: string } {
  return { unit: definition.unit, description: definition.meaning };
}

export const lateBoundMetrics = new LateBoundMetrics();

/** The instruments of this process, by the names in METRIC_NAMES. */
export const metrics: Metrics = lateBoundMetrics;
