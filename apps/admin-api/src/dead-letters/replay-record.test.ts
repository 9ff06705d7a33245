import { gzipSync } from 'node:zlib';
import type { DeadLetter } from '@provisor/contracts';
import { describe, expect, it } from 'vitest';
import { connectionOf, replayOf } from './replay-record.js';

const VALUE = JSON.stringify({ spConnection: 'my-sp', objectId: 'o-1' });

const letter = (o: Partial<DeadLetter> = {}, origin: Partial<DeadLetter['origin']> = {}): DeadLetter => ({
  id: 'provisioning.commands.scim.v1/3/42',
  stage: 'dispatch',
  cause: { code: 'record.schema', message: 'presence: expected one of …' },
  origin: {
    topic: 'provisioning.commands.scim.v1',
    partition: 3,
    offset: '42',
    timestamp: '2026-01-01T00:00:00.000Z',
    key: 'scope',
    headers: { ce_id: 'c-1', traceparent: '00-1-2-01' },
    ...origin,
  },
  value: Buffer.from(VALUE).toString('base64'),
  valueBytes: VALUE.length,
  failedAt: '2026-01-01T00:00:01.000Z',
  ...o,
});

describe('replayOf', () => {
  it('gives the record back as it was, marked with the letter it comes from', () => {
    expect(replayOf(letter())).toEqual({
      kind: 'possible',
      record: {
        topic: 'provisioning.commands.scim.v1',
        key: 'scope',
        value: VALUE,
        headers: { ce_id: 'c-1', traceparent: '00-1-2-01', 'provisor-replay-of': 'provisioning.commands.scim.v1/3/42' },
      },
    });
    expect(replayOf(letter({ value: null, valueBytes: 0 }))).toMatchObject({ record: { value: null } });
  });

  it('takes the whole of a long record, and refuses one of which a part is gone', () => {
    const long = JSON.stringify({ text: 'x'.repeat(400_000) });
    const cut = { value: Buffer.from(long.slice(0, 1000)).toString('base64'), valueBytes: long.length };
    const whole = { encoding: 'gzip', value: gzipSync(long).toString('base64') } as const;
    expect(replayOf(letter({ ...cut, whole }))).toMatchObject({ kind: 'possible', record: { value: long } });
    expect(replayOf(letter(cut))).toMatchObject({
      kind: 'impossible',
      reason: expect.stringContaining('part') as string,
    });
    const broken = { encoding: 'gzip', value: 'AAAA' } as const;
    expect(replayOf(letter({ ...cut, whole: broken })).kind).toBe('impossible');
  });

  it.each<[string, DeadLetter]>([
    ['no key', letter({}, { key: null })],
    ['a key that could not be kept', letter({}, { key: 'a\ufffd' })],
    ['a topic that does not exist', letter({}, { topic: 'other' })],
    ['an entry that never was on a topic', letter({}, { offset: 'not published: 6f' })],
    ['bytes that are no text', letter({ value: Buffer.from([0xff, 0xfe]).toString('base64'), valueBytes: 2 })],
    ['text that is no JSON', letter({ cause: { code: 'record.not-json', message: '' } })],
    ['a size that no topic takes', letter({ cause: { code: 'record.too-large', message: '' } })],
  ])('refuses %s and says what to do instead', (_, given) => {
    expect(replayOf(given)).toMatchObject({ kind: 'impossible', reason: expect.stringMatching(/\.$/) as string });
  });
});

describe('connectionOf', () => {
  it('reads the SP connection from the value, else from the key of the topic', () => {
    const garbage = { value: Buffer.from('garbage').toString('base64'), valueBytes: 7 };
    expect(connectionOf(letter())).toBe('my-sp');
    expect(connectionOf(letter(garbage))).toBe('scope');
    expect(connectionOf(letter(garbage, { topic: 'provisioning.results.v1', key: 'sp:o-1' }))).toBe('sp');
    expect(connectionOf(letter(garbage, { topic: 'identity.changes.v1', key: 'ldap:o-1' }))).toBeUndefined();
  });
});
