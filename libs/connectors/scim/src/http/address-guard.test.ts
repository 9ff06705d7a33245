import { describe, expect, test } from 'vitest';
import { guardedLookup, isPublicAddress, PrivateAddressError } from './address-guard.js';

test.each([
  '127.0.0.1',
  '127.255.0.1',
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '198.18.0.1',
  '::1',
  '::',
  '[::1]',
  'fe80::1',
  'fe80::1%eth0',
  'fc00::1',
  'fd12::1',
  '::ffff:127.0.0.1',
  '::ffff:8.8.8.8',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  'ff02::1',
  '2001:db8::1',
  '::127.0.0.1',
  'localhost',
  '',
  '2130706433',
])('%s is not public', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each(['8.8.8.8', '172.32.0.1', '172.15.0.1', '100.128.0.1', '2606:4700::1111', '[2a00:1450::1]'])(
  '%s is public',
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);

describe('lookup', () => {
  const resolving = (...addresses: string[]) =>
    guardedLookup((_host, _options, done) =>
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      ),
    );
  const ask = (lookup: ReturnType<typeof guardedLookup>, all: boolean) =>
    new Promise((resolve) => lookup('x.example', { all }, (error, address) => resolve(error ?? address)));

  test('private addresses are left out', async () => {
    const lookup = resolving('10.0.0.1', '8.8.8.8');
    expect(await ask(lookup, false)).toBe('8.8.8.8');
    expect(await ask(lookup, true)).toEqual([{ address: '8.8.8.8', family: 4 }]);
  });

  test('a name with private addresses alone is refused', async () => {
    expect(await ask(resolving('127.0.0.1', '::1'), true)).toBeInstanceOf(PrivateAddressError);
  });

  test('each connection asks again, so that what is checked is what is connected to', async () => {
    let asked = 0;
    const lookup = guardedLookup((_host, _options, done) =>
      done(null, [{ address: (asked += 1) === 1 ? '8.8.8.8' : '127.0.0.1', family: 4 }]),
    );
    expect(await ask(lookup, false)).toBe('8.8.8.8');
    expect(await ask(lookup, false)).toBeInstanceOf(PrivateAddressError);
  });
});
