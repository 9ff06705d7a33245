import { z } from 'zod';
import { named } from './schema-names.js';

export const problemDetails = named(
  'ProblemDetails',
  z.object({
    type: z.string().describe('URI reference of the kind of problem; about:blank where the status says it all'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What happened, in words'),
    code: z.string().optional().describe('Stable, for programs'),
    requestId: z.string().optional(),
    errors: z
      .array(
        z.object({
          pointer: z.string().optional().describe('JSON pointer into the body, for example /documents/0/spec/type'),
          parameter: z.string().optional().describe('Name of the path or query parameter'),
          detail: z.string(),
          expected: z.string().optional(),
        }),
      )
      .optional(),
  }),
);
