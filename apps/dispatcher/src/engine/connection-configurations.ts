import { documentKey, type ConfigurationRecord, type SpConnection } from '@provisor/contracts';
import type { Configurations } from './dispatch-engine.js';

/** The SP connections of one target type among all configuration documents. */
export class ConnectionConfigurations implements Configurations {
  readonly #read: (key: string) => ConfigurationRecord | undefined;
  readonly #targetType: string;

  /** `read` gives the newest document of a key of the configuration topic. */
  constructor(targetType: string, read: (key: string) => ConfigurationRecord | undefined) {
    this.#targetType = targetType;
    this.#read = read;
  }

  get(name: string): { connection: SpConnection; version: number } | undefined {
    const record = this.#read(documentKey('SpConnection', name));
    if (record === undefined || record.document.kind !== 'SpConnection') return undefined;
    if (record.document.spec.target.type !== this.#targetType) return undefined;
    return { connection: record.document, version: record.version };
  }
}
