import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How many requests limit scopes have spent of their longer windows, in slices of a window. */
export class CreateLimitUsage1767225600500 implements MigrationInterface {
  readonly name = 'CreateLimitUsage1767225600500';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create table limit_usage (
         target_type text not null,
         scope text not null,
         per_ms bigint not null,
         slice bigint not null,
         used integer not null,
         primary key (target_type, scope, per_ms, slice))`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table if exists limit_usage');
  }
}
