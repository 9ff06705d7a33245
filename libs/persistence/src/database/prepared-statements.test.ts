import { expect, test } from 'vitest';
import { PreparedStatements } from './prepared-statements.js';

test('names statements for what they do, each text once', () => {
  const statements = new PreparedStatements(() => 0);
  const sql = 'with i as (select 1) update target_objects t set state = $1 from i';
  expect(statements.query(sql, ['done'])).toEqual({ name: 'update target_objects 1', text: sql, values: ['done'] });
  expect(statements.query(sql, ['held']).name).toBe('update target_objects 1');
  expect(statements.query('select a,\n b\n from entries where a = $1', [1]).name).toBe('select entries 2');
  expect(statements.query('select $1', [1]).name).toBe('statement 3');
});

test('prepares no more than a connection should hold', () => {
  const statements = new PreparedStatements(() => 0);
  for (let n = 0; n < 200; n += 1) statements.query(`select ${n} from entries where a = $1`, [1]);
  expect(statements.query('select 200 from entries where a = $1', [1])).not.toHaveProperty('name');
  expect(statements.query('select 7 from entries where a = $1', [1]).name).toBe('select entries 8');
});

test('throws plans away at intervals, for each connection by itself', async () => {
  let now = 0;
  const statements = new PreparedStatements(() => now);
  const asked: string[] = [];
  const client = (name: string) => ({ query: async (sql: string) => void asked.push(`${name}: ${sql}`) }) as never;
  const [a, b] = [client('a'), client('b')];
  await statements.refresh(a);
  now = 9_000;
  await statements.refresh(a);
  await statements.refresh(b);
  expect(asked).toEqual([]);
  now = 10_000;
  await statements.refresh(a);
  await statements.refresh(b);
  expect(asked).toEqual(['a: DISCARD PLANS']);
});
