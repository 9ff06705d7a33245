import { describe, expect, it } from 'vitest';
import { redact } from './redact.js';

describe('redact', () => {
  it.each([
    'password',
    'bindPassword',
    'token',
    'accessToken',
    'client_secret',
    'authorization',
    'apiKey',
    'sealed',
    'cookie',
    'PROVISOR_KEY',
  ])('hides what is under %s', (key) => expect(redact({ [key]: 'value' })).toEqual({ [key]: '[redacted]' }));

  it('hides a structure under such a key, but no count', () => {
    expect(redact({ token: { env: 'SLACK_TOKEN' }, tokens: 3, token_left: 4, password: null })).toEqual({
      token: '[redacted]',
      tokens: 3,
      token_left: 4,
      password: null,
    });
  });

  it('hides the values of masked attributes', () => {
    const command = {
      masked: ['password', 'title'],
      desired: { presence: 'active', attributes: { userName: 'jdoe', title: 'Boss' } },
      attributes: { title: 'Boss', userName: 'jdoe' },
    };
    expect(redact(command)).toEqual({
      masked: ['password', 'title'],
      desired: { presence: 'active', attributes: { userName: 'jdoe', title: '[redacted]' } },
      attributes: { title: '[redacted]', userName: 'jdoe' },
    });
  });

  it('changes nothing in what it was given', () => {
    const given = { password: 'x', list: [{ token: 'y' }] };
    redact(given);
    expect(given).toEqual({ password: 'x', list: [{ token: 'y' }] });
  });

  it('turns errors into plain objects with code and cause', () => {
    const error = Object.assign(new TypeError('no', { cause: new Error('why') }), { code: 'E_NO' });
    expect(redact({ err: error })).toMatchObject({
      err: { type: 'TypeError', message: 'no', code: 'E_NO', cause: { type: 'Error', message: 'why' } },
    });
  });

  it('survives circles, bytes, big numbers and endless depth', () => {
    const circle: Record<string, unknown> = {
      bytes: Buffer.alloc(3),
      big: 12n,
      set: new Set([1]),
      map: new Map([['a', 1]]),
    };
    circle.self = circle;
    expect(redact(circle)).toEqual({ bytes: '[3 bytes]', big: '12', set: [1], map: { a: 1 }, self: '[circular]' });
    let deep: unknown = 'bottom';
    for (let n = 0; n < 50; n += 1) deep = { deep };
    expect(JSON.stringify(redact(deep))).toContain('[cut]');
    expect(redact(Array.from({ length: 150 }, (_, n) => n))).toHaveLength(101);
  });

  it('keeps one object that occurs twice side by side', () => {
    const shared = { a: 1 };
    expect(redact({ one: shared, two: shared })).toEqual({ one: { a: 1 }, two: { a: 1 } });
  });
});
