import type { MigrationInterface, QueryRunner } from 'typeorm';
import type { MigrationClass, ServiceSchema } from '../database/service-schema.js';

/** The migration that gives a schema its outbox. It comes first in the schema's list. */
export function outboxMigration(schema: ServiceSchema['name']): MigrationClass {
  return class implements MigrationInterface {
    readonly name = 'Outbox1700000000000';

    async up(runner: QueryRunner): Promise<void> {
      // Rows live for milliseconds, so vacuum has to come by number of rows and not by share of the table.
      await runner.query(`
        CREATE TABLE "${schema}".outbox (
          id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          topic text NOT NULL,
          key text NOT NULL,
          value text,
          headers jsonb NOT NULL,
          created_at timestamptz NOT NULL DEFAULT clock_timestamp()
        ) WITH (
          autovacuum_vacuum_scale_factor = 0,
          autovacuum_vacuum_threshold = 10000,
          autovacuum_vacuum_cost_delay = 0,
          autovacuum_analyze_scale_factor = 0,
          autovacuum_analyze_threshold = 50000
        )`);
    }

    async down(runner: QueryRunner): Promise<void> {
      await runner.query(`DROP TABLE "${schema}".outbox`);
    }
  };
}
