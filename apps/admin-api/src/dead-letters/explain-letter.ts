import type { DeadLetter } from '@provisor/contracts';
import type { StoredDeadLetter } from '@provisor/persistence';
import { replayOf } from './replay-record.js';

const CODES: Readonly<Record<string, string>> = {
  'record.no-key': 'Its sender wrote it without a key, so that nobody can tell what it is about.',
  'record.not-utf8': 'Its bytes are no UTF-8 text: its sender is no emitter of Provisor records, or is broken.',
  'record.not-json': 'It is text but no JSON: its sender is no emitter of Provisor records, or is broken.',
  'record.schema': 'It is JSON of another form than the topic carries: its sender is newer, older, or broken.',
  'record.too-large': 'It is larger than a record may be.',
  'record.not-storable': 'The database refused it, and its alone.',
};

/** In words: what is the matter with the record, what became of it since, and what may be done. */
export function explainLetter({ letter, replayedAt, replayedBy, failedAgainAs }: StoredDeadLetter): string[] {
  return [
    `The stage "${letter.stage}" could not process this record and went on without it. ${CODES[letter.cause.code] ?? ''}`.trim(),
    ...(letter.replayOf === undefined ? [] : [`It is the replay of ${letter.replayOf}, which failed again.`]),
    ...(replayedAt === null
      ? [whatNow(letter)]
      : [
          `${replayedBy ?? 'Somebody'} replayed it at ${replayedAt.toISOString()}.`,
          failedAgainAs === null
            ? 'It has not failed again since.'
            : `It failed again as ${failedAgainAs}; replay that one.`,
        ]),
  ];
}

function whatNow(letter: DeadLetter): string {
  const replay = replayOf(letter);
  return replay.kind === 'possible'
    ? 'Once the cause is mended it can be replayed; a newer state of the object that came meanwhile stays.'
    : `It cannot be replayed: ${replay.reason}`;
}
