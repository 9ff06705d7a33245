import { createTestDatabase } from '@provisor/testing';
import pg from 'pg';

const ROWS = 500;

/** C3: version-guarded upserts of 500 rows each, committed synchronously, in rows per second. */
export async function databaseCeiling(seconds: number): Promise<number> {
  const database = await createTestDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query('create table state (id text primary key, version bigint not null, content jsonb not null)');
    const content = JSON.stringify({ text: 'x'.repeat(300) });
    const began = performance.now();
    let rows = 0;
    for (let version = 1; performance.now() - began < seconds * 1000; version += 1) {
      const ids = Array.from({ length: ROWS }, (_, index) => `id-${(version * 7 + index) % 20_000}`);
      await client.query(
        `insert into state select id, $2, $3::jsonb from unnest($1::text[]) id
         on conflict (id) do update set version = excluded.version, content = excluded.content
         where state.version < excluded.version`,
        [ids, version, content],
      );
      rows += ROWS;
    }
    return (rows / (performance.now() - began)) * 1000;
  } finally {
    await client.end();
    await database.drop();
  }
}
