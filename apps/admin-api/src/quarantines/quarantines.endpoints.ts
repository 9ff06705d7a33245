import { z } from 'zod';
import { accepted } from '../control/control.endpoints.js';
import { defineEndpoint } from '../http/endpoint.js';
import { spConnectionName } from '../openapi/parameters.js';
import { named } from '../openapi/schema-names.js';

export const quarantine = named(
  'Quarantine',
  z.object({
    spConnection: z.string(),
    code: z.string().optional(),
    cause: z.string().optional(),
    remedy: z.string().optional(),
    since: z.string().optional(),
    probeAt: z
      .string()
      .optional()
      .describe('When one call tries by itself whether the service provider can be used again'),
    pending: z.int().optional().describe('Objects that wait; absent where not known'),
  }),
);

export const listQuarantines = defineEndpoint({
  id: 'listQuarantines',
  method: 'GET',
  path: '/v1/quarantines',
  tag: 'control',
  summary: 'SP connections that are not called, because their service provider refuses Provisor as a whole',
  answer: {
    status: 200,
    description: 'By name',
    schema: named(
      'Quarantines',
      z.object({
        quarantines: z.array(quarantine),
        problems: z.array(z.string()).describe('Dispatchers that do not answer, in words'),
      }),
    ),
  },
});

export const releaseQuarantine = defineEndpoint({
  id: 'releaseQuarantine',
  method: 'POST',
  path: '/v1/sp-connections/{name}/release',
  tag: 'control',
  summary: 'End the quarantine now; if the service provider still refuses, it begins again',
  params: z.object({ name: spConnectionName }),
  answer: accepted,
  problems: [404],
});
