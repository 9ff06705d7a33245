import { setTimeout as pause } from 'node:timers/promises';
import { provisioningCommands, type ProvisioningCommand } from '@provisor/contracts';
import type { KafkaClient, ReceivedRecord } from '@provisor/kafka';
import type { DatabaseView } from '../world/database-view.js';
import type { Violation } from './violation.js';

const GROUP = 'provisor.dispatcher.scim';
const EVERY_MS = 500;

interface Sample {
  readonly at: number;
  readonly committed: ReadonlyMap<number, bigint>;
  /** Versions in the dispatcher's table, read after the offsets. */
  readonly versions: ReadonlyMap<string, Version>;
}
interface Version {
  readonly sequence: number;
  readonly config: number;
}

/** I10: whatever the dispatcher has committed was in its table before. Samples that fail, while a fault is on, are left out. */
export class OffsetSampler {
  readonly #kafka: KafkaClient;
  readonly #view: DatabaseView;
  #samples: Sample[] = [];
  #running: Promise<void> | undefined;
  #stopping = false;

  constructor(kafka: KafkaClient, view: DatabaseView) {
    this.#kafka = kafka;
    this.#view = view;
  }

  start(): void {
    this.#stopping = false;
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
    this.#running = undefined;
  }

  get taken(): number {
    return this.#samples.length;
  }

  /** Against all commands; samples are forgotten afterwards. */
  check(commands: readonly ReceivedRecord<ProvisioningCommand>[]): Violation[] {
    const samples = this.#samples;
    this.#samples = [];
    return samples.flatMap((sample) => violationsOf(sample, commands)).slice(0, 3);
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      await this.#sample().catch(() => undefined);
      await pause(EVERY_MS);
    }
  }

  async #sample(): Promise<void> {
    const committed = await this.#kafka.admin().committed(GROUP, provisioningCommands('scim').name);
    const rows = await this.#view.targetObjects();
    const versions = new Map(
      rows.map((row) => [
        `${row.spConnection} ${row.objectId}`,
        { sequence: Number(row.sequence), config: Number(row.config) },
      ]),
    );
    this.#samples.push({ at: Date.now(), committed, versions });
  }
}

function violationsOf(sample: Sample, commands: readonly ReceivedRecord<ProvisioningCommand>[]): Violation[] {
  return commands.flatMap(({ partition, offset, value }): Violation[] => {
    if (value === null || offset >= (sample.committed.get(partition) ?? 0n)) return [];
    const { spConnection, objectId, version } = value;
    const known = sample.versions.get(`${spConnection} ${objectId}`);
    if (known !== undefined && !isOlder(known, version)) return [];
    const what = `${new Date(sample.at).toISOString()}: offset ${offset} of partition ${partition} was committed, but the table had ${JSON.stringify(known)} instead of ${JSON.stringify(version)}.`;
    return [{ invariant: 'I10', spConnection, objectId, what }];
  });
}

const isOlder = (a: Version, b: Version): boolean =>
  a.sequence < b.sequence || (a.sequence === b.sequence && a.config < b.config);
