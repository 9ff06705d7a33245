import { deadLetter } from '@provisor/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint.js';
import { spConnectionName } from '../openapi/parameters.js';
import { named } from '../openapi/schema-names.js';

const id = z.string().min(1).max(400).describe('<topic>/<partition>/<offset>, percent-encoded in a path');
const tag = 'dead letters';

const filter = {
  stage: z.string().max(100).optional().describe('Only those of one stage'),
  code: z.string().max(100).optional().describe('Only those of one cause, for example `record.schema`'),
  topic: z.string().max(249).optional().describe('Only those of one topic, without the installation’s prefix'),
  spConnection: spConnectionName.optional().describe('Only those that say that they are about this SP connection'),
  since: z.iso.datetime({ offset: true }).optional().describe('Only those that failed at this time or later'),
};

const fate = {
  spConnection: z.string().optional().describe('What the record is about, where it says so'),
  replayedAt: z.iso.datetime().optional().describe('When it was published again; absent for an open letter'),
  replayedBy: z.string().optional(),
  failedAgainAs: z.string().optional().describe('The letter that its replay came to'),
};

export const listDeadLetters = defineEndpoint({
  id: 'listDeadLetters',
  method: 'GET',
  path: '/v1/dead-letters',
  tag,
  summary: 'Records that nobody could process, newest first',
  query: z.object({
    ...filter,
    state: z.enum(['open', 'replayed']).optional().describe('Both unless given'),
    cursor: z
      .string()
      .regex(/^\d{1,18}$/, 'a cursor from an earlier answer')
      .optional(),
    limit: z.coerce.number().int().min(1).max(500).default(50),
  }),
  answer: {
    status: 200,
    description: 'A page of dead letters, without the records themselves',
    schema: named(
      'DeadLetterPage',
      z.object({
        deadLetters: z.array(named('DeadLetterHead', deadLetter.omit({ value: true, whole: true }).extend(fate))),
        next: z.string().optional(),
      }),
    ),
  },
});

export const getDeadLetter = defineEndpoint({
  id: 'getDeadLetter',
  method: 'GET',
  path: '/v1/dead-letters/{id}',
  tag,
  summary: 'One dead letter with the record in base64, explained',
  params: z.object({ id }),
  answer: {
    status: 200,
    description: 'The dead letter',
    schema: named(
      'DeadLetterStory',
      deadLetter.extend({
        ...fate,
        explanation: z.array(z.string()).describe('What is the matter, what became of it, what may be done'),
      }),
    ),
  },
  problems: [404],
});

const report = named(
  'ReplayReport',
  z.object({
    dryRun: z.boolean(),
    replayed: z.array(z.string()).describe('Ids of the letters whose records were published again, or would be'),
    skipped: z.array(z.object({ id: z.string(), reason: z.string() })),
    more: z.boolean().describe('More letters fit than one request replays: ask again'),
  }),
);
const dryRun = z.boolean().optional().default(false).describe('Only tell what would be done');

export const replayDeadLetter = defineEndpoint({
  id: 'replayDeadLetter',
  method: 'POST',
  path: '/v1/dead-letters/{id}/replay',
  tag,
  summary: 'Publish the record of a dead letter again to its topic, once',
  params: z.object({ id }),
  body: named('ReplayOne', z.strictObject({ dryRun })).optional().default({ dryRun: false }),
  answer: { status: 200, description: 'What was done', schema: report },
  problems: [404],
});

export const replayDeadLetters = defineEndpoint({
  id: 'replayDeadLetters',
  method: 'POST',
  path: '/v1/dead-letter-replays',
  tag,
  summary: 'Publish the records of the open dead letters that fit a query again, oldest first',
  body: named(
    'ReplayQuery',
    z
      .strictObject({ ...filter, all: z.literal(true).optional(), dryRun, limit: z.int().min(1).max(500).optional() })
      .refine((query) => query.all === true || Object.keys(filter).some((name) => name in query), {
        error: 'at least one of stage, code, topic, spConnection and since, or all: true',
      }),
  ),
  answer: { status: 200, description: 'What was done', schema: report },
});
