import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A comparison remembers the names of strangers, so that nobody is created beside them, and which memberships it has made again. */
export class CompareMemberships1767225600800 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table reconciliation_pages add column keys bytea not null default ''`);
    await runner.query('alter table edges add column repaired boolean not null default false');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table edges drop column repaired');
    await runner.query('alter table reconciliation_pages drop column keys');
  }
}
