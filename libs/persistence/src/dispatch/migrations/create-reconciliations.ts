import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Comparisons with what targets really have: how far they are, what they found, and what differed of each object. */
export class CreateReconciliations1767225600400 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table if exists reconciliation_pages, reconciliations, seen_objects');
  }
}

const STATEMENTS = [
  `create table reconciliations (
    id text primary key,
    sp_connection text not null,
    object_id text,
    scheduled boolean not null,
    repair boolean not null,
    requested_by text not null,
    requested_at timestamptz not null default now(),
    started_at timestamptz,
    finished_at timestamptz,
    state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'incomplete', 'failed')),
    cause text,
    position jsonb not null default '{}',
    counts jsonb not null default '{}',
    samples jsonb not null default '[]',
    shown jsonb not null default '{}',
    requests int not null default 0
  )`,
  `create index reconciliations_open on reconciliations (sp_connection, requested_at) where finished_at is null`,
  `create index reconciliations_of_connection on reconciliations (sp_connection, requested_at desc)`,
  // Hashes of the accounts that a run has seen, so that it goes on where it stopped; gone when it has ended.
  `create table reconciliation_pages (
    run_id text not null references reconciliations (id) on delete cascade,
    object_type text not null,
    page int not null,
    hashes bytea not null,
    primary key (run_id, object_type, page)
  )`,
  // Few objects differ, so that what was seen of them does not widen the rows of all.
  `create table seen_objects (
    sp_connection text not null,
    object_id text not null,
    seen jsonb not null,
    seen_at timestamptz not null,
    repaired boolean not null,
    primary key (sp_connection, object_id)
  )`,
];
