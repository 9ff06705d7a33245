import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What mapping remembers: what was told, which configurations are known and evaluated, and the groups that scopes name. */
export class CreateMappingTables1767225600001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table if exists ledger, connections, scope_groups');
  }
}

const STATEMENTS = [
  // sequence and config are the newest version that was seen, told or not.
  `create table ledger (
    sp_connection text not null,
    object_id text not null,
    data_store text not null,
    object_type text not null check (object_type in ('user', 'group')),
    channel text not null,
    hash text not null,
    sequence bigint not null,
    config bigint not null,
    presence text not null check (presence in ('active', 'disabled', 'absent')),
    primary key (sp_connection, object_id)
  ) with (fillfactor = 80)`,
  // An evaluation of all objects is due while evaluated_request is less than request. stopped: could not be used, so that changes
  // went by; it is evaluated anew when it can be.
  `create table connections (
    sp_connection text primary key,
    config_version bigint not null,
    evaluated_version bigint not null default 0,
    request bigint not null default 1,
    evaluated_request bigint not null default 0,
    removed boolean not null default false,
    stopped boolean not null default false
  )`,
  // name is a normalised DN or an object id. The row of a deleted group stays: a scope must not empty because a name is missing.
  `create table scope_groups (
    data_store text not null,
    name text collate "C" not null,
    object_id text not null,
    deleted boolean not null default false,
    primary key (data_store, name)
  )`,
];
