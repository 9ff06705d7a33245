import type { Screen } from '@provisor/demo';
import type { Infrastructure } from '../rig/infrastructure.js';
import type { Ceilings, Form } from '../suite/benchmark.js';
import { figure } from '../suite/measured.js';
import { databaseCeiling } from './database.js';
import { diskCeiling } from './disk.js';
import { httpCeiling, simulatorCeiling } from './http.js';
import { kafkaCeiling } from './kafka.js';
import { mappingCeiling } from './mapping.js';

const SIZES: Readonly<Record<Form, { seconds: number; records: number; hops: number; writes: number }>> = {
  smoke: { seconds: 0.2, records: 500, hops: 5, writes: 5 },
  quick: { seconds: 2, records: 40_000, hops: 100, writes: 200 },
  full: { seconds: 5, records: 200_000, hops: 500, writes: 500 },
};

/** C1 to C5: what this machine can do at most, before anything of ours is measured. */
export async function measureCeilings(infrastructure: Infrastructure, form: Form, screen: Screen): Promise<Ceilings> {
  const { seconds, records, hops, writes } = SIZES[form];
  const { dir, brokers } = infrastructure;
  return screen.step('Ceilings of this machine (C1 to C5)', async () => {
    const http = await httpCeiling(dir, seconds);
    const simulator = await simulatorCeiling(dir, seconds);
    const kafka = await kafkaCeiling(brokers, { records, hops });
    const database = await databaseCeiling(seconds);
    const disk = diskCeiling(dir, writes);
    const mapping = mappingCeiling(seconds / 2);
    return {
      httpPerSecond: http,
      kafkaHopMs: kafka.hopMs,
      figures: [
        figure('C1 undici PATCH to a bare server, 64 in flight', 'requests/s', http),
        figure('C1 undici POST to the SCIM simulator, 64 in flight', 'requests/s', simulator),
        figure('C2 Kafka produce, 1 KB, acks=all, batches of 500', 'records/s', kafka.producePerSecond),
        figure('C2 Kafka consume', 'records/s', kafka.consumePerSecond),
        figure('C2 Kafka, one record from send to arrival', 'ms', kafka.hopMs),
        figure('C3 PostgreSQL upsert, 500 rows, synchronous commit', 'rows/s', database),
        figure('C4 write and fdatasync of 8 KB', 'ms', disk),
        figure('C5 decode, validate and map 20 attributes', 'µs', mapping),
      ],
    };
  });
}
