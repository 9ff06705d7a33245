import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint.js';
import { named } from '../openapi/schema-names.js';

export const listAudit = defineEndpoint({
  id: 'listAudit',
  method: 'GET',
  path: '/v1/audit',
  tag: 'audit',
  summary: 'Who did what, newest first',
  query: z.object({
    subject: z.string().max(300).optional().describe('For example SpConnection/slack-prod'),
    cursor: z
      .string()
      .regex(/^\d{1,18}$/, 'a cursor from an earlier answer')
      .optional(),
    limit: z.coerce.number().int().min(1).max(500).default(50),
  }),
  answer: {
    status: 200,
    description: 'A page of the audit trail',
    schema: named(
      'AuditPage',
      z.object({
        entries: z.array(
          z.object({
            id: z.string(),
            at: z.iso.datetime(),
            actor: z.string(),
            action: z.string(),
            subject: z.string(),
            requestId: z.string().optional(),
            details: z.record(z.string(), z.unknown()),
          }),
        ),
        next: z.string().optional(),
      }),
    ),
  },
});
