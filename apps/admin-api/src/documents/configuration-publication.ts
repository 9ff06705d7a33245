import { encodeRecord, provisioningConfig, type ConfigurationRecord } from '@provisor/contracts';
import type { OutgoingRecordLike } from '@provisor/persistence';

const SOURCE = '/provisor/admin-api';
const eventId = (version: number) => `config-${version}`;

/** The record that publishes a version of a document. */
export function publication(record: ConfigurationRecord, time: Date): OutgoingRecordLike {
  const meta = { id: eventId(record.version), source: SOURCE, time };
  return { topic: provisioningConfig.name, ...encodeRecord(provisioningConfig, record, meta) };
}

/** The record that takes a document away. */
export function tombstone(key: string, version: number, time: Date): OutgoingRecordLike {
  return {
    topic: provisioningConfig.name,
    key,
    value: null,
    headers: {
      ce_specversion: '1.0',
      ce_id: eventId(version),
      ce_source: SOURCE,
      ce_type: provisioningConfig.type,
      ce_time: time.toISOString(),
    },
  };
}
