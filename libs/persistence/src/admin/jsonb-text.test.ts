import { describe, expect, it } from 'vitest';
import { jsonbText } from './jsonb-text.js';

describe('jsonbText', () => {
  it('replaces what jsonb refuses, in keys and values', () => {
    expect(JSON.parse(jsonbText({ 'a\u0000b': 'c\u0000', d: ['\ud800', 'x\udfff'] }))).toEqual({
      'a\ufffdb': 'c\ufffd',
      d: ['\ufffd', 'x\ufffd'],
    });
  });

  it('leaves paired surrogates and text that looks like an escape alone', () => {
    const value = { a: '😀', b: '\\u0000', c: '\\\\u0000', d: 'plain' };
    expect(JSON.parse(jsonbText(value))).toEqual(value);
  });

  it('replaces a NUL that follows a backslash', () => {
    expect(JSON.parse(jsonbText('\\\u0000'))).toBe('\\\ufffd');
  });
});
