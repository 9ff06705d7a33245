import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What dead letters are about, by which they are found, and what became of them. */
export class GrowDeadLetters1767312000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `alter table dead_letters
         add column sp_connection text,
         add column replay_of text,
         add column replayed_at timestamptz,
         add column replayed_by text`,
    );
    await runner.query('create index dead_letters_open on dead_letters (seq) where replayed_at is null');
    await runner.query('create index dead_letters_replays on dead_letters (replay_of) where replay_of is not null');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `alter table dead_letters drop column sp_connection, drop column replay_of, drop column replayed_at,
         drop column replayed_by`,
    );
  }
}
