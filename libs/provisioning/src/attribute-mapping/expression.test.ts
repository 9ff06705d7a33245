import { describe, expect, test } from 'vitest';
import { EntryView } from '../scope/entry-view.js';
import { compileExpression, ExpressionProblem, type ExpressionInput } from './expression.js';
import { regexFault } from './safe-regex.js';

const input = (attributes: Record<string, string[]> = {}): ExpressionInput => ({
  objectId: 'id-1',
  dn: 'uid=j,dc=example',
  enabled: true,
  entry: new EntryView({ attributes: { givenName: ['Jane'], mail: ['j@x.example', 'jane@y.example'], ...attributes } }),
});

describe('what an expression sees', () => {
  test.each([
    ['attr.GIVENNAME[0]', ['Jane']],
    ['attr["givenname"][0]', ['Jane']],
    ['attr["given" + "name"][0]', ['Jane']],
    ['has(attr.title) ? "yes" : "no"', ['no']],
    ['attr.?title[?0].orValue("none")', ['none']],
    ['attr.mail.filter(m, m.endsWith("@y.example"))', ['jane@y.example']],
    ['attr.mail[0].split("@")[0]', ['j']],
    ['enabled && objectId == "id-1" && dn.startsWith("uid=")', [true]],
    ['1 + 1', [2]],
    ['null', []],
    ['attr.mail[0].matches("^[^@]+@x[.]example$")', [true]],
  ])('%s gives %j', (text, values) => {
    expect(compileExpression(text)(input())).toMatchObject({ ok: true, values });
  });

  test.each(['attr.constructor[0]', 'attr["__proto__"][0]', 'attr.toString[0]'])('%s finds no host object', (text) => {
    expect(compileExpression(text)(input()).ok).toBe(false);
  });

  test.each(['process.env', 'globalThis', 'now()', 'attr.givenName[0] + 1', 'attr.givenName[0] +', ''])(
    '%s is refused when the configuration is read',
    (text) => {
      expect(() => compileExpression(text)).toThrow(ExpressionProblem);
    },
  );

  test('a map is no value', () => {
    expect(compileExpression('{"a": attr.mail[0]}')(input())).toMatchObject({ ok: false });
  });
});

describe('bounds', () => {
  const doubling = (times: number): string =>
    Array.from({ length: times }, (_, index) => index).reduceRight(
      (inner, index) => `cel.bind(x${index + 1}, x${index} + x${index}, ${inner})`,
      `x${times}`,
    );

  test('text that doubles again and again is refused', () => {
    expect(() => compileExpression(`cel.bind(x0, attr.mail[0], ${doubling(14)})`)).toThrow(/cost too much/);
  });

  test('loops in loops over the values are refused', () => {
    expect(() =>
      compileExpression('attr.mail.map(a, attr.mail.map(b, attr.mail.map(c, attr.mail.map(d, a + b + c + d))))'),
    ).toThrow(/cost too much/);
  });

  test('an expression that is cheap for most is stopped for the object for which it is not', () => {
    const pairs = compileExpression('attr.mail.map(a, attr.mail.filter(b, b == a)[0])');
    expect(pairs(input()).ok).toBe(true);
    const mail = Array.from({ length: 5000 }, (_, index) => `${index}@x.example`);
    const started = process.hrtime.bigint();
    expect(pairs(input({ mail }))).toEqual({
      ok: false,
      message: 'Evaluating the expression for this object would cost too much.',
    });
    expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(1000);
  });

  test('deep nesting and long text are refused', () => {
    expect(() => compileExpression(`${'('.repeat(100)}1${')'.repeat(100)}`)).toThrow(ExpressionProblem);
    expect(() => compileExpression(`"${'x'.repeat(11_000)}"`)).toThrow(/longer than/);
  });

  test('a pattern has to stand in the expression', () => {
    expect(() => compileExpression('attr.mail[0].matches(attr.mail[1])')).toThrow(
      /has to be written in the expression/,
    );
  });

  test.each(['(a+)+', '(a|b)*', '(?=a)', '(a)\\1', '[', '(?<n>a)', '((a*)b)*'])(
    'the pattern %s is refused',
    (pattern) => {
      expect(regexFault(pattern)).toBeDefined();
    },
  );

  test.each(['^[^@]+@example\\.com$', '^(?:x|y)z', 'a{2,4}', '[(+*]+', '\\(a\\)+'])(
    'the pattern %s is accepted',
    (pattern) => {
      expect(regexFault(pattern)).toBeUndefined();
    },
  );
});
