import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A function keeps the plan of its first call. Where that was one for a single object, it went through all pairs of the hundreds of
 * a later one: a nested loop is never right for it.
 */
export class JoinAccountsByHash1767225600700 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter function account_update() set enable_nestloop = off');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter function account_update() reset enable_nestloop');
  }
}
