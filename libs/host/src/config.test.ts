import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { commonConfig } from './common-config.js';
import { configTable, ConfigurationProblem, defineConfig, envSchema } from './config.js';

const spec = defineConfig({
  brokers: { env: 'KAFKA_BROKERS', schema: envSchema.brokers, description: 'Kafka bootstrap brokers.' },
  pool: { env: 'DATABASE_POOL', schema: envSchema.positiveInt(100), description: 'Connections.', default: '10' },
  password: {
    env: 'DB_PASSWORD',
    schema: z.string().min(8, 'at least 8 characters'),
    description: 'Password.',
    secret: true,
  },
  note: { env: 'NOTE', schema: z.string().optional(), description: 'Anything.' },
});
const good = { KAFKA_BROKERS: 'a:9092, b:9092', DB_PASSWORD: 'long enough' };

const problemOf = (env: Record<string, string>): ConfigurationProblem => {
  try {
    spec.parse(env);
  } catch (error) {
    if (error instanceof ConfigurationProblem) return error;
  }
  throw new Error('expected a ConfigurationProblem');
};

describe('defineConfig', () => {
  it('reads values, defaults and absent optional fields', () => {
    expect(spec.parse({ ...good, NOTE: '  ' })).toEqual({
      brokers: ['a:9092', 'b:9092'],
      pool: 10,
      password: 'long enough',
      note: undefined,
    });
  });

  it('names every bad variable at once, in words', () => {
    expect(problemOf({ KAFKA_BROKERS: 'nonsense', DATABASE_POOL: '1000' }).problems).toEqual([
      'KAFKA_BROKERS is "nonsense" but must be: host:port, several separated by commas',
      'DATABASE_POOL is "1000" but must be: at most 100',
      'DB_PASSWORD is missing (Password)',
    ]);
  });

  it('never shows a secret, neither in a problem nor in the summary', () => {
    const problem = problemOf({ ...good, DB_PASSWORD: 'hunter2' });
    expect(problem.message).toContain('DB_PASSWORD must be: at least 8 characters');
    expect(problem.message).not.toContain('hunter2');
    expect(spec.summary(spec.parse(good))).toEqual({
      KAFKA_BROKERS: ['a:9092', 'b:9092'],
      DATABASE_POOL: 10,
      DB_PASSWORD: '[redacted]',
    });
  });

  it('reads a secret from the file that <VARIABLE>_FILE names, unless the variable itself is set', () => {
    const folder = mkdtempSync(join(tmpdir(), 'config-'));
    const file = join(folder, 'password');
    writeFileSync(file, 'from the file\n');
    const env = { KAFKA_BROKERS: good.KAFKA_BROKERS };
    expect(spec.parse({ ...env, DB_PASSWORD_FILE: file }).password).toBe('from the file');
    expect(spec.parse({ ...good, DB_PASSWORD_FILE: file }).password).toBe('long enough');
    expect(problemOf({ ...env, DB_PASSWORD_FILE: '/no/such/file' }).problems).toEqual([
      'DB_PASSWORD_FILE names /no/such/file, which cannot be read (there is no such file)',
    ]);
    rmSync(folder, { recursive: true });
  });

  it('documents itself', () => {
    expect(spec.documentation().map((row) => [row.env, row.required, row.default, row.secret])).toEqual([
      ['KAFKA_BROKERS', true, undefined, false],
      ['DATABASE_POOL', false, '10', false],
      ['DB_PASSWORD', true, undefined, true],
      ['NOTE', false, undefined, false],
    ]);
    expect(configTable(spec.documentation())).toContain('| `DATABASE_POOL` | `10` | Connections. |');
  });
});

describe('commonConfig', () => {
  const common = defineConfig(commonConfig);
  const env = { KAFKA_BROKERS: 'kafka:9092', DATABASE_URL: 'postgres://u:p@db:5432/provisor' };

  it('needs a broker and a database and nothing else', () => {
    expect(common.parse(env)).toMatchObject({ httpPort: 3000, httpHost: '0.0.0.0', databasePool: 10, kafkaSsl: false });
    expect(() => common.parse({})).toThrow(/KAFKA_BROKERS is missing .*DATABASE_URL is missing/);
  });

  it('reads the key as 32 bytes and nothing shorter', () => {
    const key = Buffer.alloc(32, 7);
    expect(common.parse({ ...env, PROVISOR_KEY: key.toString('base64url') }).provisorKey).toEqual(key);
    expect(() => common.parse({ ...env, PROVISOR_KEY: 'short' })).toThrow(
      /PROVISOR_KEY must be: 32 bytes in base64url/,
    );
  });

  it.each([
    ['HTTP_PORT', '70000'],
    ['KAFKA_SSL', 'yes'],
    ['LOG_LEVEL', 'loud'],
    ['TOPIC_PREFIX', 'with space'],
    ['KAFKA_SASL_MECHANISM', 'gssapi'],
  ])('refuses %s=%s and says what it may be', (variable, value) => {
    expect(() => common.parse({ ...env, [variable]: value })).toThrow(`${variable} is "${value}" but must be: `);
  });
});
