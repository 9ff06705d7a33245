import type { EntitySchema, MigrationInterface } from 'typeorm';

/** The class name (or `name`) ends with a time stamp of 13 digits, which orders the migrations of a schema. */
export type MigrationClass = new () => MigrationInterface;

/** What one service keeps in PostgreSQL. No other service reads or writes it. */
export interface ServiceSchema {
  readonly name: 'capture' | 'mapping' | 'dispatch' | 'admin';
  readonly migrations: readonly MigrationClass[];
  readonly entities: readonly EntitySchema[];
}
