import { describe, expect, it } from 'vitest';
import { fieldProblems, jsonPointer, problemDetails } from './problem-details.js';

describe('problem details (RFC 9457)', () => {
  it('have the title of their status unless they have their own', () => {
    expect(problemDetails(404)).toEqual({ type: 'about:blank', title: 'Not Found', status: 404 });
    expect(problemDetails(409, { title: 'Version conflict', code: 'VERSION_CONFLICT' })).toEqual({
      type: 'about:blank',
      title: 'Version conflict',
      status: 409,
      code: 'VERSION_CONFLICT',
    });
  });

  it('point at fields by JSON pointer (RFC 6901)', () => {
    expect(jsonPointer(['spec', 'channels', 0, 'a/b', 'c~d'])).toBe('/spec/channels/0/a~1b/c~0d');
    expect(fieldProblems([{ path: [], message: 'is no object' }])).toEqual([{ pointer: '', detail: 'is no object' }]);
  });
});
