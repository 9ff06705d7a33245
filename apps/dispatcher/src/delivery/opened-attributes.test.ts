import { describe, expect, it } from 'vitest';
import { generateValue, openAttributes, plainAttributes } from './opened-attributes.js';

describe('generateValue', () => {
  it('has the length that was asked for and every class of signs', () => {
    for (let i = 0; i < 200; i += 1) {
      const value = generateValue(8);
      expect(value).toHaveLength(8);
      expect(value).toMatch(/[A-Z]/);
      expect(value).toMatch(/[a-z]/);
      expect(value).toMatch(/\d/);
      expect(value).toMatch(/[^A-Za-z\d]/);
    }
  });

  it('never repeats', () => {
    expect(new Set(Array.from({ length: 500 }, () => generateValue(24))).size).toBe(500);
  });
});

describe('openAttributes', () => {
  const attributes = {
    userName: 'ada',
    password: { generate: { length: 12 } },
    pin: { sealed: 'jwe', digest: 'd' },
    'name.givenName': 'Ada',
  };

  it('opens sealed values and makes generated ones', async () => {
    const opened = await openAttributes(attributes, async (value) => `opened ${value.sealed}`);
    expect(opened).toMatchObject({ userName: 'ada', pin: 'opened jwe', 'name.givenName': 'Ada' });
    expect(opened['password']).toHaveLength(12);
  });

  it('leaves only plain values for comparisons', () => {
    expect(Object.keys(plainAttributes(attributes))).toEqual(['userName', 'name.givenName']);
  });
});
