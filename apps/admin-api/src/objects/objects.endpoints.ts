import { operation, outcomeKind, provisioningResult, values } from '@provisor/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint.js';
import { objectIdOf, spConnectionName } from '../openapi/parameters.js';
import { named } from '../openapi/schema-names.js';

const instant = z.iso.datetime();

const objectSummary = named(
  'ObjectSummary',
  z.object({
    spConnection: z.string(),
    objectId: z.string(),
    objectType: values.objectType,
    label: z.string().optional(),
    version: values.version,
    operation,
    outcome: outcomeKind,
    terminal: z.boolean(),
    code: z.string(),
    cause: z.string().optional(),
    remedy: z.string().optional(),
    attempt: z.int(),
    nextAttemptAt: instant.optional(),
    targetId: z.string().optional(),
    appliedAt: instant.optional().describe('When it was last known to be as desired'),
    finishedAt: instant,
  }),
);

export const searchObjects = defineEndpoint({
  id: 'searchObjects',
  method: 'GET',
  path: '/v1/objects',
  tag: 'objects',
  summary: 'Objects by id, user name or DN, or by a part of these',
  query: z.object({
    label: z
      .string()
      .min(1)
      .max(1000)
      .describe('Id, user name or DN; the beginning or any part works where nothing fits exactly'),
    spConnection: spConnectionName.optional(),
    limit: z.coerce.number().int().min(1).max(100).default(20),
  }),
  answer: {
    status: 200,
    description: 'What became of them at each SP connection',
    schema: named('ObjectSummaries', z.object({ objects: z.array(objectSummary) })),
  },
});

const timeline = named(
  'Timeline',
  z.object({
    spConnection: z.string(),
    objectId: z.string(),
    label: z.string().optional(),
    summary: objectSummary.optional(),
    current: z
      .object({
        known: z.boolean().describe('Whether the dispatcher has told'),
        reason: z.string().optional(),
        state: z.record(z.string(), z.unknown()).optional().describe("The dispatcher's own account of the object"),
      })
      .describe('The state now, from the dispatcher'),
    results: z.array(provisioningResult).describe('Oldest first'),
    earlier: z.string().optional().describe('Cursor of the results before these, for GET /v1/results'),
  }),
);

const timelineQuery = z.object({ limit: z.coerce.number().int().min(1).max(1000).default(200) });

export const getTimeline = defineEndpoint({
  id: 'getTimeline',
  method: 'GET',
  path: '/v1/sp-connections/{name}/objects/{objectId}/timeline',
  tag: 'objects',
  summary: 'The whole story of one object at one SP connection',
  params: z.object({ name: spConnectionName, objectId: objectIdOf }),
  query: timelineQuery,
  answer: { status: 200, description: 'Results, oldest first, and the state now', schema: timeline },
  problems: [404],
});

export const findTimeline = defineEndpoint({
  id: 'findTimeline',
  method: 'GET',
  path: '/v1/sp-connections/{name}/timeline',
  tag: 'objects',
  summary: 'The story of the one object that an id, user name or DN means',
  params: z.object({ name: spConnectionName }),
  query: timelineQuery.extend({
    label: z.string().min(1).max(1000).describe('Id, user name or DN, or a part that fits one object only'),
  }),
  answer: { status: 200, description: 'Results, oldest first, and the state now', schema: timeline },
  problems: [404, 409],
});
