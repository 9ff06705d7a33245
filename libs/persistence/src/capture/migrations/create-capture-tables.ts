import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What change capture knows of each data store: entries with their sequences, memberships, references and the feed's position. */
export class CreateCaptureTables1767225600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table if exists cursors, entries, memberships, entry_references');
  }
}

const STATEMENTS = [
  // epoch fences an owner that has lost its lease without noticing; sequence_base keeps sequences rising when this schema is lost.
  `create table cursors (
    data_store text primary key,
    epoch bigint not null default 0,
    position jsonb,
    run bigint not null default 0,
    loaded boolean not null default false,
    sequence_base bigint not null default extract(epoch from clock_timestamp())::bigint,
    suspect text,
    suspect_since timestamptz,
    last_comparison jsonb,
    compare_request text,
    accept_request text
  )`,
  // Rows of deleted objects stay, because their sequence must never be given out again. dn_key is the normalised name with the root
  // first, so that everything below a name is one range; its order has to be that of the bytes.
  `create table entries (
    data_store text not null,
    object_id text not null,
    object_type text not null check (object_type in ('user', 'group')),
    dn text not null,
    dn_key text collate "C" not null,
    state text not null check (state in ('present', 'deleted')),
    enabled boolean not null,
    attributes jsonb not null,
    source_hash text not null,
    content_hash text,
    sequence bigint not null,
    seen_run bigint not null,
    pending smallint not null default 0,
    changed text[] not null default '{}',
    snapshot boolean not null,
    occurred_at timestamptz not null,
    occurred_from text not null check (occurred_from in ('source', 'detection')),
    deleted_at timestamptz,
    primary key (data_store, object_id)
  )`,
  `create index entries_by_name on entries (data_store, dn_key) where state = 'present'`,
  `create index entries_pending on entries (data_store, pending, object_type, object_id) where pending > 0`,
  `create index entries_deleted on entries (data_store, deleted_at) where state = 'deleted'`,
  // member_id is null while no entry of that name is known.
  `create table memberships (
    data_store text not null,
    group_id text not null,
    member_key text collate "C" not null,
    member_id text,
    primary key (data_store, group_id, member_key)
  )`,
  'create index memberships_by_name on memberships (data_store, member_key)',
  'create index memberships_by_member on memberships (data_store, member_id, group_id)',
  `create table entry_references (
    data_store text not null,
    object_id text not null,
    attribute text not null,
    target_key text collate "C" not null,
    target_id text,
    primary key (data_store, object_id, attribute)
  )`,
  'create index entry_references_by_name on entry_references (data_store, target_key)',
  'create index entry_references_by_target on entry_references (data_store, target_id)',
];
