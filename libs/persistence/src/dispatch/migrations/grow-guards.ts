import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Memberships can be held and approved, and what the guards count over their windows is remembered. */
export class GrowGuards1767225600200 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table if exists membership_removals');
    await runner.query('alter table target_objects drop column blanked_at');
    await runner.query('alter table edges drop column held_at, drop column hold_released');
  }
}

const STATEMENTS = [
  `alter table edges add column held_at timestamptz, add column hold_released boolean not null default false`,
  'create index edges_held on edges (sp_connection, held_at) where held_at is not null',
  'alter table target_objects add column blanked_at timestamptz',
  `create index target_objects_blanked on target_objects (sp_connection, blanked_at) where blanked_at is not null`,
  // An edge that was removed at the target is deleted, so what was removed in a window has to stand elsewhere.
  `create table membership_removals (
    sp_connection text not null,
    group_id text not null,
    member_id text not null,
    removed_at timestamptz not null,
    primary key (sp_connection, group_id, member_id)
  )`,
  'create index membership_removals_at on membership_removals (sp_connection, removed_at)',
];
