import { describe, expect, test } from 'vitest';
import { SCIM_2_0 } from '../profile/defaults.js';
import { SCIM_CODES, type ScimCode } from '../codes.js';
import { classifyAnswer, classifyFailure, type Operation, type Replan } from './classify-answer.js';
import type { HttpAnswer } from './http-answer.js';

const NOW = Date.parse('2026-08-01T12:00:00Z');

/** The same refusal as targets write it: SCIM 2.0, SCIM 1.1, text, HTML of a proxy, nothing. */
const FORMS: Readonly<Record<string, (status: number, scimType: string | undefined, detail: string) => string>> = {
  'SCIM 2.0': (status, scimType, detail) =>
    JSON.stringify({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: String(status),
      scimType,
      detail,
    }),
  'SCIM 2.0 with a numeric status': (status, scimType, detail) =>
    JSON.stringify({
      Schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status,
      ScimType: scimType,
      Detail: detail,
    }),
  'SCIM 1.1': (status, _scimType, detail) =>
    JSON.stringify({ Errors: [{ description: detail, code: String(status) }] }),
  'another JSON': (_status, _scimType, detail) => JSON.stringify({ message: detail }),
  text: (_status, _scimType, detail) => detail,
  HTML: (_status, _scimType, detail) =>
    `<!DOCTYPE html><html><head><style>b{}</style></head><body><h1>${detail}</h1></body></html>`,
  empty: () => '',
};

function answer(status: number, text = '', headers: Record<string, string> = {}): HttpAnswer {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status, headers, text, json };
}
const classify = (given: HttpAnswer, operation: Operation = 'update', more = {}) =>
  classifyAnswer(given, { operation, errors: SCIM_2_0.errors, now: NOW, ...more });

describe('by status, in every form of body', () => {
  const rows: readonly [number, Operation, ScimCode, Replan | undefined][] = [
    [301, 'read', 'http.redirect', undefined],
    [307, 'create', 'http.redirect', undefined],
    [400, 'create', 'scim.invalid', undefined],
    [400, 'update', 'scim.invalid', 'whole-attribute'],
    [400, 'search', 'scim.invalid', 'next-match'],
    [400, 'members', 'scim.invalid', undefined],
    [401, 'create', 'auth.refused', undefined],
    [402, 'create', 'scim.invalid', undefined],
    [403, 'create', 'auth.forbidden', undefined],
    [404, 'create', 'scim.endpoint-missing', undefined],
    [404, 'read', 'scim.vanished', undefined],
    [404, 'update', 'scim.vanished', undefined],
    [404, 'members', 'scim.vanished', undefined],
    [404, 'delete', 'scim.already-gone', undefined],
    [410, 'delete', 'scim.already-gone', undefined],
    [405, 'update', 'scim.operation-missing', 'put'],
    [501, 'update', 'scim.operation-missing', 'put'],
    [501, 'members', 'scim.operation-missing', 'put'],
    [501, 'create', 'scim.operation-missing', undefined],
    [406, 'create', 'scim.invalid', 'media'],
    [408, 'update', 'http.retry', undefined],
    [409, 'create', 'scim.uniqueness', undefined],
    [409, 'update', 'scim.conflict', 'reread'],
    [412, 'update', 'scim.version-conflict', 'reread'],
    [413, 'members', 'scim.too-large', 'smaller'],
    [415, 'create', 'scim.invalid', 'media'],
    [422, 'create', 'scim.invalid', undefined],
    [428, 'update', 'scim.version-conflict', 'if-match'],
    [429, 'create', 'http.throttled', undefined],
    [500, 'update', 'http.server-error', undefined],
    [502, 'update', 'http.unavailable', undefined],
    [503, 'update', 'http.unavailable', undefined],
    [504, 'create', 'http.unavailable', undefined],
  ];
  describe.each(Object.keys(FORMS))('%s', (form) => {
    test.each(rows)('%i on %s is %s', (status, operation, code, replan) => {
      const text = FORMS[form]?.(status, undefined, 'What went wrong') ?? '';
      const { outcome, replan: learnt } = classify(answer(status, text), operation);
      expect(outcome).toMatchObject({ kind: SCIM_CODES[code].kind, code, httpStatus: status });
      expect(learnt).toBe(replan);
      expect(outcome.cause).toMatch(new RegExp(`^HTTP ${status}`));
      if (form !== 'empty') expect(outcome.cause).toContain('What went wrong');
      expect(outcome.cause).not.toMatch(/[<>]/);
    });
  });
});

test('404 to a search means nothing found if SCIM says it, and a wrong address otherwise', () => {
  const said = (form: string) => classify(answer(404, FORMS[form]?.(404, undefined, 'x')), 'search').outcome.code;
  expect(said('SCIM 2.0')).toBe('scim.vanished');
  expect(said('SCIM 1.1')).toBe('scim.vanished');
  for (const form of ['another JSON', 'text', 'HTML', 'empty']) expect(said(form)).toBe('scim.endpoint-missing');
});

describe('by scimType', () => {
  const rows: readonly [string, Operation, ScimCode, Replan | undefined][] = [
    ['invalidFilter', 'search', 'scim.invalid', 'next-match'],
    ['tooMany', 'search', 'scim.too-large', 'next-match'],
    ['tooMany', 'members', 'scim.too-large', 'smaller'],
    ['sensitive', 'search', 'scim.invalid', 'next-match'],
    ['uniqueness', 'update', 'scim.uniqueness', undefined],
    ['mutability', 'update', 'scim.mutability', undefined],
    ['invalidSyntax', 'update', 'scim.invalid', 'whole-attribute'],
    ['invalidValue', 'update', 'scim.invalid', 'whole-attribute'],
    ['invalidPath', 'update', 'scim.invalid', 'whole-attribute'],
    ['noTarget', 'update', 'scim.invalid', 'whole-attribute'],
    ['invalidVers', 'create', 'scim.version-unsupported', undefined],
    ['invalidCursor', 'read', 'scim.cursor-expired', 'restart'],
    ['expiredCursor', 'read', 'scim.cursor-expired', 'restart'],
    ['invalidCount', 'read', 'scim.cursor-expired', 'restart'],
  ];
  test.each(rows)('%s on %s is %s', (scimType, operation, code, replan) => {
    for (const form of ['SCIM 2.0', 'SCIM 2.0 with a numeric status']) {
      const result = classify(answer(400, FORMS[form]?.(400, scimType, 'x')), operation);
      expect(result).toMatchObject({ outcome: { code, kind: SCIM_CODES[code].kind }, scimType });
      expect(result.replan).toBe(replan);
    }
  });

  test('the status counts before the scimType', () => {
    const given = answer(412, FORMS['SCIM 2.0']?.(412, 'invalidSyntax', 'stale'));
    expect(classify(given)).toMatchObject({ outcome: { code: 'scim.version-conflict' }, replan: 'reread' });
  });

  test.each(['Email already exists', 'duplicate key', 'name is already taken', 'violates unique constraint'])(
    'a conflict on an update that says "%s" is one of uniqueness',
    (detail) => {
      expect(classify(answer(409, detail)).outcome).toMatchObject({ kind: 'rejected', code: 'scim.uniqueness' });
    },
  );
});

describe('delays', () => {
  test.each([
    [{ 'retry-after': '120' }, 120_000],
    [{ 'retry-after': 'Sat, 01 Aug 2026 12:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Sat, 01 Aug 2026 11:00:00 GMT' }, 0],
    [{ 'x-retry-after': '7' }, 7_000],
    [{ 'x-rate-limit-reset': String(NOW / 1000 + 15) }, 15_000],
    [{ 'x-ratelimit-reset': String(NOW / 1000 + 15) }, 15_000],
    [{ 'ratelimit-reset': '9' }, 9_000],
    [{ ratelimit: '"default";r=0;t=11' }, 11_000],
    [{ 'retry-after': '3', 'x-ratelimit-reset': String(NOW / 1000 + 90) }, 3_000],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-1' }, undefined],
    [{}, undefined],
  ])('%j', (headers, retryAfterMs) => {
    const { outcome } = classify(answer(429, '', headers));
    expect(outcome).toMatchObject({ kind: 'retryable', throttled: true });
    expect('retryAfterMs' in outcome ? outcome.retryAfterMs : undefined).toBe(retryAfterMs);
  });

  test('403 with an empty budget or a delay is throttling', () => {
    const empty = answer(403, '', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1000 + 60) });
    expect(classify(empty).outcome).toMatchObject({ code: 'http.throttled', retryAfterMs: 60_000 });
    expect(classify(answer(403, '', { 'retry-after': '60' })).outcome).toMatchObject({ code: 'http.throttled' });
  });

  test('503 with a delay holds the whole scope', () => {
    expect(classify(answer(503, '', { 'retry-after': '5' })).outcome).toMatchObject({
      throttled: true,
      retryAfterMs: 5_000,
    });
  });
});

describe('ambiguity', () => {
  const writes = ['create', 'update', 'delete', 'members'] as const;

  test.each([500, 502, 503, 504, 408])('a write that is answered %i may have happened', (status) => {
    for (const operation of writes)
      expect(classify(answer(status), operation).outcome).toMatchObject({ kind: 'retryable', ambiguous: true });
    for (const operation of ['search', 'read', 'discover'] as const)
      expect(classify(answer(status), operation).outcome).not.toHaveProperty('ambiguous');
  });

  test.each(writes)('a %s that was throttled has not happened', (operation) => {
    expect(classify(answer(429), operation).outcome).not.toHaveProperty('ambiguous');
  });

  test.each(writes)('without an answer, a %s that was sent may have happened', (operation) => {
    const failure = { failure: 'http.network', cause: 'other side closed' } as const;
    expect(classifyFailure({ ...failure, sent: true }, operation)).toMatchObject({ ambiguous: true, systemic: true });
    expect(classifyFailure({ ...failure, sent: false }, operation)).not.toHaveProperty('ambiguous');
    expect(classifyFailure({ ...failure, sent: true }, 'read')).not.toHaveProperty('ambiguous');
  });

  test('a call that was given up says nothing about the target', () => {
    expect(classifyFailure({ failure: 'http.aborted', cause: '', sent: true }, 'create')).not.toHaveProperty(
      'systemic',
    );
  });
});

describe("the profile's own rules come first", () => {
  const errors = {
    uniqueness: [{ status: 500, text: 'Duplicate KEY' }],
    gone: [{ status: 500, text: 'no such' }],
    retryable: [{ text: 'unable_to_lock' }],
    objectScoped: [{ status: 403, text: 'administrator' }],
  };
  test.each([
    [500, 'E11000 duplicate key error', 'update', 'scim.uniqueness'],
    [500, 'no such user', 'delete', 'scim.already-gone'],
    [500, 'no such user', 'update', 'scim.vanished'],
    [400, 'UNABLE_TO_LOCK_ROW', 'update', 'http.retry'],
    [403, 'An Administrator cannot be changed', 'update', 'scim.object-refused'],
    [403, 'no rights', 'update', 'auth.forbidden'],
  ] as const)('%i %s', (status, text, operation, code) => {
    expect(classify(answer(status, text), operation, { errors }).outcome.code).toBe(code);
  });
});

describe('causes', () => {
  test('hold no secret, no line break and no more than a few hundred characters', () => {
    const text = `password hunter2 refused\r\nERROR forged line\u0000 ${'x'.repeat(5_000)}`;
    const { cause = '' } = classify(answer(400, text), 'create', { secrets: ['hunter2'] }).outcome;
    expect(cause).toContain('password [redacted] refused ERROR forged line');
    expect(cause).not.toMatch(/hunter2|[\r\n\0]/);
    expect(cause.length).toBeLessThan(600);
  });
});

test('every code that asks for a person says what that person can do', () => {
  for (const [code, entry] of Object.entries(SCIM_CODES)) {
    if (entry.kind === 'rejected' || entry.kind === 'halted') expect(entry, code).toHaveProperty('remedy');
  }
});
