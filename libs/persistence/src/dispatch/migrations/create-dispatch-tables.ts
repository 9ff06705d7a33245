import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Desired and applied state of every target object, its edges, who owns what, holds and handled control commands. */
export class CreateDispatchTables1767225600100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'drop table if exists partitions, limit_scopes, sp_connections, target_objects, edges, holds, control_seen',
    );
  }
}

const STATEMENTS = [
  // Who may write: a state write of an owner is valid only with the epoch that stands here. The lease keeps a new owner from
  // calling a target while the old one still has calls in flight.
  `create table partitions (
    target_type text not null,
    partition int not null,
    epoch bigint not null,
    owner text not null,
    lease_until timestamptz not null,
    primary key (target_type, partition)
  )`,
  `create table limit_scopes (
    target_type text not null,
    scope text not null,
    partition int not null,
    throttled_until timestamptz,
    primary key (target_type, scope)
  )`,
  `create table sp_connections (
    sp_connection text primary key,
    target_type text not null,
    limit_scope text not null,
    partition int not null,
    paused boolean not null default false,
    paused_by text,
    quarantine jsonb,
    probe_at timestamptz
  )`,
  'create index sp_connections_of_partition on sp_connections (target_type, partition)',
  `create table target_objects (
    sp_connection text not null,
    object_id text not null,
    data_store text not null,
    object_type text not null,
    channel text not null,
    label text,
    lane smallint not null,
    version_sequence bigint not null,
    version_config bigint not null,
    source_offset bigint not null,
    desired jsonb not null,
    create_only jsonb not null,
    masked jsonb not null,
    reason text not null,
    traceparent text,
    state text not null check (state in ('pending', 'done', 'failed', 'held', 'skipped')),
    create_intended boolean not null default false,
    hold_released boolean not null default false,
    applied jsonb,
    target_id text,
    target_version text,
    attempt int not null default 0,
    failures int not null default 0,
    first_attempt_at timestamptz,
    next_attempt_at timestamptz not null,
    last_outcome jsonb,
    occurred_at timestamptz not null,
    mapped_at timestamptz not null,
    desired_at timestamptz not null,
    applied_at timestamptz,
    removed_at timestamptz,
    removed_version jsonb,
    primary key (sp_connection, object_id)
  ) with (fillfactor = 80)`,
  `create unique index target_objects_link on target_objects (sp_connection, object_type, target_id)
    where target_id is not null`,
  `create index target_objects_runnable on target_objects (sp_connection, lane, next_attempt_at, object_id)
    where state = 'pending'`,
  `create index target_objects_pending_age on target_objects (sp_connection, mapped_at) where state = 'pending'`,
  `create index target_objects_parked on target_objects (sp_connection, state) where state in ('failed', 'held', 'skipped')`,
  `create index target_objects_removed on target_objects (sp_connection, removed_at) where removed_at is not null`,
  // member_id is the object that carries the relation; kind is 'member' (other_id is a group) or the path of a reference.
  `create table edges (
    sp_connection text not null,
    member_id text not null,
    kind text not null,
    other_id text not null,
    desired boolean not null,
    applied boolean not null default false,
    attempt int not null default 0,
    first_attempt_at timestamptz,
    next_attempt_at timestamptz not null,
    code text,
    cause text,
    primary key (sp_connection, member_id, kind, other_id)
  ) with (fillfactor = 80)`,
  'create index edges_waiting_by_member on edges (sp_connection, member_id) where desired <> applied',
  'create index edges_waiting_by_other on edges (sp_connection, other_id, kind) where desired <> applied',
  'create index edges_by_other on edges (sp_connection, other_id)',
  `create table holds (
    sp_connection text not null,
    object_id text not null,
    version_sequence bigint not null,
    version_config bigint not null,
    how text not null,
    cause text not null,
    held_at timestamptz not null,
    decision text check (decision in ('approved', 'rejected', 'replaced')),
    decided_at timestamptz,
    decided_by text,
    primary key (sp_connection, object_id, version_sequence, version_config)
  )`,
  'create index holds_open on holds (sp_connection, held_at) where decision is null',
  `create table control_seen (
    id text primary key,
    seen_at timestamptz not null default now()
  )`,
];
