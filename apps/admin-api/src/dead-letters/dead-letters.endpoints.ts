import { deadLetter } from '@provisor/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint.js';
import { named } from '../openapi/schema-names.js';

const id = z.string().min(1).max(400).describe('<topic>/<partition>/<offset>, percent-encoded in a path');

export const listDeadLetters = defineEndpoint({
  id: 'listDeadLetters',
  method: 'GET',
  path: '/v1/dead-letters',
  tag: 'dead letters',
  summary: 'Records that nobody could process, newest first',
  query: z.object({
    stage: z.string().max(100).optional().describe('Only those of one stage'),
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
        deadLetters: z.array(named('DeadLetterHead', deadLetter.omit({ value: true }))),
        next: z.string().optional(),
      }),
    ),
  },
});

export const getDeadLetter = defineEndpoint({
  id: 'getDeadLetter',
  method: 'GET',
  path: '/v1/dead-letters/{id}',
  tag: 'dead letters',
  summary: 'One dead letter with the record in base64',
  params: z.object({ id }),
  answer: { status: 200, description: 'The dead letter', schema: deadLetter },
  problems: [404],
});
