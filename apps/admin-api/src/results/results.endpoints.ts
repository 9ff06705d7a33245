import { outcomeKind, provisioningResult, values } from '@provisor/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint.js';
import { objectIdOf } from '../openapi/parameters.js';
import { named } from '../openapi/schema-names.js';

/** `applied,failed`-like lists stand in one parameter; repeating the parameter works as well. */
const outcomes = z
  .preprocess(
    (value) => (Array.isArray(value) ? value : [value]).flatMap((item) => String(item).split(',')),
    z.array(outcomeKind).max(outcomeKind.options.length),
  )
  .optional()
  .describe('Outcomes, separated by commas');

const cursor = z
  .string()
  .regex(/^\d{1,18}$/, 'a cursor from an earlier answer')
  .optional();

const filters = {
  spConnection: values.name.optional().describe('Name of the SP connection'),
  objectId: objectIdOf.optional(),
  outcome: outcomes,
};

export const listResults = defineEndpoint({
  id: 'listResults',
  method: 'GET',
  path: '/v1/results',
  tag: 'results',
  summary: 'Results, newest first',
  query: z.object({
    ...filters,
    since: z.iso.datetime({ offset: true }).optional().describe('Only results that finished at or after this instant'),
    cursor: cursor.describe('`next` of the page before'),
    limit: z.coerce.number().int().min(1).max(1000).default(100),
  }),
  answer: {
    status: 200,
    description: 'A page of results',
    schema: named(
      'ResultPage',
      z.object({
        results: z.array(provisioningResult),
        next: z.string().optional().describe('Cursor of the next page; absent on the last one'),
      }),
    ),
  },
});

export const followResults = defineEndpoint({
  id: 'followResults',
  method: 'GET',
  path: '/v1/results/stream',
  tag: 'results',
  summary: 'Results as they arrive, oldest first (long poll)',
  description:
    'Without a cursor it answers at once with the cursor of now and, if asked for, the last results before it. With one it ' +
    'answers as soon as there are results after it, or without any when the time to wait is over. Go on with `cursor`.',
  query: z.object({
    ...filters,
    cursor: cursor.describe('`cursor` of the answer before'),
    tail: z.coerce
      .number()
      .int()
      .min(0)
      .max(1000)
      .default(0)
      .describe('Without a cursor: how many earlier results to tell'),
    waitSeconds: z.coerce.number().min(0).max(30).default(20),
    limit: z.coerce.number().int().min(1).max(1000).default(500),
  }),
  answer: {
    status: 200,
    description: 'New results, oldest first, and where to go on',
    schema: named('ResultStream', z.object({ results: z.array(provisioningResult), cursor: z.string() })),
  },
});
