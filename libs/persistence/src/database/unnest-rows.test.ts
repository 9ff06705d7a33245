import { describe, expect, it } from 'vitest';
import { unnestRows } from './unnest-rows.js';

describe('unnestRows', () => {
  it('has one parameter per column, whatever the number of rows', () => {
    const columns = [
      { name: 'id', type: 'text' },
      { name: 'data', type: 'jsonb' },
    ] as const;
    const one = unnestRows([...columns], [{ id: 'a', data: { n: 1 } }]);
    const three = unnestRows(
      [...columns],
      [
        { id: 'a', data: 1 },
        { id: 'b', data: null },
        { id: 'c', data: 'text' },
      ],
    );
    expect(three.sql).toBe(one.sql);
    expect(one.params).toEqual([['a'], ['{"n":1}']]);
    expect(three.params).toEqual([
      ['a', 'b', 'c'],
      ['1', null, '"text"'],
    ]);
  });

  it('numbers its placeholders from where the statement wants them', () => {
    const { sql } = unnestRows([{ name: 'id', type: 'uuid' }], [{ id: 'x' }], 3);
    expect(sql).toContain('unnest($3::uuid[])');
  });

  it('carries lists as array literals and NULL for what is absent', () => {
    const { sql, params } = unnestRows(
      [{ name: 'tags', type: 'text[]' }],
      [{ tags: ['a', 'b"c', 'd\\e', '', null] }, { tags: undefined }, { tags: [] }],
    );
    expect(params).toEqual([['{"a","b\\"c","d\\\\e","",NULL}', null, '{}']]);
    expect(sql).toContain('raw."tags"::text[] AS "tags"');
  });
});
