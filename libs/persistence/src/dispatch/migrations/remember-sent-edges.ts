import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An edge that is on its way to the target may be there or not until its answer has come. */
export class RememberSentEdges1767225600600 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table edges add column unsure boolean not null default false');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table edges drop column unsure');
  }
}
