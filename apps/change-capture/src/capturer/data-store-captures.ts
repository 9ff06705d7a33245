import { isDeepStrictEqual } from 'node:util';
import type { ConfigurationRecord, DataStore } from '@provisor/contracts';
import { metrics, type Logger } from '@provisor/telemetry';
import type { Capturer } from './capturer.js';
import type { CaptureStatus } from './capture-status.js';

type DataStoreCapture = Pick<Capturer, 'start' | 'stop' | 'status' | 'healthy'>;

/** One capturer per data store of the configuration; started, replaced and ended as the documents change. */
export class DataStoreCaptures {
  private readonly captures = new Map<string, { readonly document: DataStore; readonly capture: DataStoreCapture }>();
  private readonly create: (document: DataStore) => DataStoreCapture;
  private readonly log: Logger;
  private readonly endGauge: () => void;
  /** Changes are carried out one after the other. */
  private work: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(o: { create: (document: DataStore) => DataStoreCapture; log: Logger }) {
    this.create = o.create;
    this.log = o.log;
    this.endGauge = metrics.gauge('provisioning.capture.source_healthy', () =>
      [...this.captures].map(([name, { capture }]) => ({
        value: capture.healthy ? 1 : 0,
        attributes: { data_store: name },
      })),
    );
  }

  /** What the configuration says of one key; null when the document was removed. */
  configure(key: string, record: ConfigurationRecord | null): void {
    const [kind, name] = key.split('/', 2);
    if (kind !== 'DataStore' || name === undefined) return;
    const document = record?.document.kind === 'DataStore' ? record.document : null;
    this.work = this.work
      .then(() => this.replace(name, document))
      .catch((error: unknown) => {
        this.log.error('A data store could not be configured', { err: error, dataStore: name });
      });
  }

  /** By data store, for health reports. */
  status(): Record<string, CaptureStatus> {
    return Object.fromEntries([...this.captures].map(([name, { capture }]) => [name, capture.status]));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.work;
    await Promise.all([...this.captures.values()].map(({ capture }) => capture.stop()));
    this.endGauge();
  }

  private async replace(name: string, document: DataStore | null): Promise<void> {
    const present = this.captures.get(name);
    if (this.stopped || (document !== null && isDeepStrictEqual(present?.document.spec, document.spec))) return;
    if (present !== undefined) {
      await present.capture.stop();
      this.captures.delete(name);
    }
    if (document === null) {
      if (present !== undefined)
        this.log.info('The data store is no longer configured; nobody is removed', { dataStore: name });
      return;
    }
    const capture = this.create(document);
    this.captures.set(name, { document, capture });
    capture.start();
    this.log.info('The data store is captured', { dataStore: name, url: document.spec.url });
  }
}
