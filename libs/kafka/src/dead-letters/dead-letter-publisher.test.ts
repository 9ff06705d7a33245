import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { deadLetter, MAX_RECORD_BYTES } from '@provisor/contracts';
import { describe, expect, it } from 'vitest';
import { deadLetterOf, MAX_KEPT_BYTES } from './dead-letter-publisher.js';

describe('deadLetterOf', () => {
  it('carries origin, cause and the cut value, and fits its schema', () => {
    const value = Buffer.alloc(MAX_KEPT_BYTES + 10, 'a');
    const record = {
      topic: 'identity.changes.v1',
      partition: 3,
      offset: 12n,
      key: 'k',
      value,
      headers: { ce_id: '1', long: 'x'.repeat(5000) },
      timestamp: 1_700_000_000_000,
    };
    const letter = deadLetterOf('mapping', { record, code: 'record.schema', message: 'm'.repeat(9000) }, new Date(0));
    expect(deadLetter.parse(letter)).toMatchObject({
      id: 'identity.changes.v1/3/12',
      origin: { topic: 'identity.changes.v1', partition: 3, offset: '12', timestamp: '2023-11-14T22:13:20.000Z' },
      valueBytes: MAX_KEPT_BYTES + 10,
    });
    expect(Buffer.from(letter.value ?? '', 'base64')).toHaveLength(MAX_KEPT_BYTES);
  });

  it('keeps a long record whole where it can be compressed, and names the letter whose replay failed again', () => {
    const value = Buffer.from(JSON.stringify({ text: 'corp '.repeat(150_000) }));
    const record = {
      topic: 'provisioning.commands.scim.v1',
      partition: 0,
      offset: 1n,
      key: 'k',
      value,
      headers: { 'provisor-replay-of': 'provisioning.commands.scim.v1/0/0' },
      timestamp: 0,
    };
    const letter = deadLetterOf('dispatch', { record, code: 'record.schema', message: 'm' }, new Date(0));
    expect(deadLetter.parse(letter).replayOf).toBe('provisioning.commands.scim.v1/0/0');
    expect(gunzipSync(Buffer.from(letter.whole?.value ?? '', 'base64')).equals(value)).toBe(true);
    expect(Buffer.byteLength(JSON.stringify(letter))).toBeLessThan(MAX_RECORD_BYTES);

    const noise = deadLetterOf(
      'dispatch',
      { record: { ...record, value: randomBytes(900_000) }, code: 'c', message: 'm' },
      new Date(0),
    );
    expect(noise.whole).toBeUndefined();
    expect(noise.valueBytes).toBe(900_000);
  });
});
