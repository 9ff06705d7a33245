import { describe, expect, it } from 'vitest';
import { Watermark } from './watermark.js';

describe('Watermark', () => {
  it('closes beyond the high level once and opens at half of it', () => {
    const mark = new Watermark({ records: 10, bytes: 1000 });
    expect(mark.rise(10, 0)).toBeUndefined();
    expect(mark.rise(1, 0)).toBe('close');
    expect(mark.rise(5, 0)).toBeUndefined();
    expect(mark.fall(10, 0)).toBeUndefined();
    expect(mark.closed).toBe(true);
    expect(mark.fall(1, 0)).toBe('open');
    expect(mark.fall(1, 0)).toBeUndefined();
  });

  it('counts bytes as well', () => {
    const mark = new Watermark({ records: 10, bytes: 1000 });
    expect(mark.rise(1, 1001)).toBe('close');
    expect(mark.fall(0, 600)).toBe('open');
  });
});
