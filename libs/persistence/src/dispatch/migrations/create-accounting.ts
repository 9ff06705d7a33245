import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What became of every version of a desired state that was taken in, per SP connection. The database counts it itself in the
 * transaction that changes an object, so that no path can forget to. Each backend has a row of its own (`slot`): writers of one SP
 * connection do not wait for each other; what is counted is the sum.
 */
export class CreateAccounting1767225600300 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const event of ['insert', 'update', 'delete'])
      await runner.query(`drop trigger account_${event} on target_objects; drop function account_${event}()`);
    await runner.query('drop table if exists accounting, dead_commands');
  }
}

const COLUMNS = ['accepted', 'succeeded', 'failed', 'skipped', 'superseded', 'dead', 'held', 'pending'];
const ADD = `on conflict (sp_connection, slot) do update set
  ${COLUMNS.map((column) => `${column} = t.${column} + excluded.${column}`).join(', ')}`;
/** An object whose version stays, or that is new: `was` is null for a new one and for what an older version ended as. */
const MOVED = `
  count(*) filter (where becomes = 'done') - count(*) filter (where was = 'done' and not newer),
  count(*) filter (where becomes = 'failed') - count(*) filter (where was = 'failed' and not newer),
  count(*) filter (where becomes = 'skipped') - count(*) filter (where was = 'skipped' and not newer),
  count(*) filter (where newer and was in ('pending', 'held')), 0,
  count(*) filter (where becomes = 'held') - count(*) filter (where was = 'held'),
  count(*) filter (where becomes = 'pending') - count(*) filter (where was = 'pending')`;

const STATEMENTS = [
  `create table accounting (
    sp_connection text not null,
    slot smallint not null,
    ${COLUMNS.map((column) => `${column} bigint not null default 0`).join(', ')},
    primary key (sp_connection, slot)
  ) with (fillfactor = 50)`,
  // Commands that could be read and not be taken in, so that one that is read again counts once.
  `create table dead_commands (
    sp_connection text not null,
    partition int not null,
    source_offset bigint not null,
    primary key (sp_connection, partition, source_offset)
  )`,
  `insert into accounting (sp_connection, slot, accepted, succeeded, failed, skipped, held, pending)
   select sp_connection, 0, count(*), count(*) filter (where state = 'done'), count(*) filter (where state = 'failed'),
     count(*) filter (where state = 'skipped'), count(*) filter (where state = 'held'), count(*) filter (where state = 'pending')
   from target_objects group by sp_connection`,
  `create function account_insert() returns trigger language plpgsql as $$
  begin
    insert into accounting as t (sp_connection, slot, ${COLUMNS.join(', ')})
    select sp_connection, pg_backend_pid() % 128, count(*), ${MOVED}
    from (select sp_connection, null as was, state as becomes, true as newer from entered) i
    group by sp_connection order by sp_connection
    ${ADD};
    return null;
  end $$`,
  `create function account_update() returns trigger language plpgsql as $$
  begin
    insert into accounting as t (sp_connection, slot, ${COLUMNS.join(', ')})
    select sp_connection, pg_backend_pid() % 128, count(*) filter (where newer), ${MOVED}
    from (
      select a.sp_connection, b.state as was, a.state as becomes,
        (a.version_sequence, a.version_config) <> (b.version_sequence, b.version_config) as newer
      from before b join after a using (sp_connection, object_id)) i
    where newer or was <> becomes
    group by sp_connection order by sp_connection
    ${ADD};
    return null;
  end $$`,
  // An object that is forgotten before its state was applied is not to be delivered any more.
  `create function account_delete() returns trigger language plpgsql as $$
  begin
    insert into accounting as t (sp_connection, slot, ${COLUMNS.join(', ')})
    select sp_connection, pg_backend_pid() % 128, 0, 0, 0, count(*), 0, 0, -count(*) filter (where state = 'held'),
      -count(*) filter (where state = 'pending')
    from gone where state in ('pending', 'held') group by sp_connection order by sp_connection
    ${ADD};
    return null;
  end $$`,
  `create trigger account_insert after insert on target_objects referencing new table as entered
   for each statement execute function account_insert()`,
  `create trigger account_update after update on target_objects referencing old table as before new table as after
   for each statement execute function account_update()`,
  `create trigger account_delete after delete on target_objects referencing old table as gone
   for each statement execute function account_delete()`,
];
