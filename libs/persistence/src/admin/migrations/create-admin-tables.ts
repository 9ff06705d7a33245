import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Configuration with its versions, stored secrets, the history of results, dead letters and the audit trail. */
export class CreateAdminTables1767225600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'drop table if exists documents, document_versions, secrets, results, objects, dead_letters, audit',
    );
    await runner.query('drop sequence if exists configuration_version');
  }
}

const STATEMENTS = [
  // One counter over all documents: a version names exactly one change of the installation's configuration.
  'create sequence configuration_version as bigint',
  `create table documents (
    kind text not null,
    name text not null,
    version bigint not null unique,
    document jsonb not null,
    secrets text[] not null default '{}',
    applied_at timestamptz not null,
    applied_by text not null,
    primary key (kind, name)
  )`,
  'create index documents_secrets on documents using gin (secrets)',
  `create table document_versions (
    version bigint primary key,
    kind text not null,
    name text not null,
    change text not null check (change in ('created', 'updated', 'deleted')),
    document jsonb,
    applied_at timestamptz not null,
    applied_by text not null,
    request_id text
  )`,
  'create index document_versions_of_document on document_versions (kind, name, version desc)',
  `create table secrets (
    name text primary key,
    sealed text not null,
    updated_at timestamptz not null,
    updated_by text not null
  )`,
  // seq is the order of arrival and the cursor of every listing; writers take turns, so that it is also the order of commits.
  `create table results (
    seq bigint generated always as identity,
    id text primary key,
    sp_connection text not null,
    object_id text not null,
    outcome text not null,
    finished_at timestamptz not null,
    result jsonb not null
  )`,
  'create unique index results_seq on results (seq)',
  'create index results_of_object on results (sp_connection, object_id, seq)',
  'create index results_of_connection on results (sp_connection, seq)',
  `create index results_failures on results (sp_connection, seq)
    where outcome in ('retryable', 'rejected', 'halted', 'held')`,
  'create index results_by_age on results using brin (finished_at)',
  `create table objects (
    sp_connection text not null,
    object_id text not null,
    object_type text not null,
    label text,
    short_label text,
    version_sequence bigint not null,
    version_config bigint not null,
    operation text not null,
    outcome text not null,
    terminal boolean not null,
    code text not null,
    cause text,
    remedy text,
    attempt bigint not null,
    next_attempt_at timestamptz,
    target_id text,
    applied_at timestamptz,
    finished_at timestamptz not null,
    primary key (sp_connection, object_id)
  )`,
  'create index objects_by_label on objects (lower(label) text_pattern_ops)',
  'create index objects_by_short_label on objects (lower(short_label) text_pattern_ops)',
  'create index objects_by_id on objects (object_id)',
  `create index objects_failing on objects (sp_connection, finished_at desc)
    where outcome in ('retryable', 'rejected', 'halted', 'held')`,
  `create table dead_letters (
    seq bigint generated always as identity,
    id text primary key,
    stage text not null,
    code text not null,
    topic text not null,
    failed_at timestamptz not null,
    letter jsonb not null
  )`,
  'create unique index dead_letters_seq on dead_letters (seq)',
  'create index dead_letters_by_age on dead_letters (failed_at)',
  `create table audit (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    actor text not null,
    action text not null,
    subject text not null,
    request_id text,
    details jsonb not null default '{}'
  )`,
  'create index audit_of_subject on audit (subject, id)',
] as const;
