import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * No plan depends on what stands in these columns, and sorting samples of them is most of what ANALYZE costs, which comes every
 * ten seconds to a busy table.
 */
export class LeaveDocumentsOutOfStatistics1767225600900 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table target_objects ${COLUMNS.map(statistics(0)).join(', ')}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table target_objects ${COLUMNS.map(statistics(-1)).join(', ')}`);
  }
}

const COLUMNS = [
  ...['desired', 'create_only', 'masked', 'applied', 'last_outcome', 'removed_version'],
  ...['label', 'traceparent', 'target_version'],
];

/** -1 is the server's default (`default_statistics_target`). */
const statistics =
  (target: number) =>
  (column: string): string =>
    `alter column ${column} set statistics ${target}`;
