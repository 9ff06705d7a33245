import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint.js';
import { named } from '../openapi/schema-names.js';

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/, 'a name of up to 200 letters, digits, dots, underscores and hyphens');

const written = named(
  'SecretWritten',
  z.object({ name: z.string(), documents: z.int().describe('Documents that refer to it and were published anew') }),
);

export const listSecrets = defineEndpoint({
  id: 'listSecrets',
  method: 'GET',
  path: '/v1/secrets',
  tag: 'secrets',
  summary: 'Names of the stored secrets; values are never told',
  answer: {
    status: 200,
    description: 'By name',
    schema: named(
      'Secrets',
      z.object({
        secrets: z.array(z.object({ name: z.string(), updatedAt: z.iso.datetime(), updatedBy: z.string() })),
      }),
    ),
  },
});

export const putSecret = defineEndpoint({
  id: 'putSecret',
  method: 'PUT',
  path: '/v1/secrets/{name}',
  tag: 'secrets',
  summary: 'Store a secret, encrypted, or replace it',
  description:
    'Documents that refer to it as { secret: name } get a new version, so that every service has the new value.',
  params: z.object({ name }),
  body: named('SecretValue', z.object({ value: z.string().min(1).max(65_536) })),
  answer: { status: 200, description: 'Stored', schema: written },
  problems: [409],
});

export const deleteSecret = defineEndpoint({
  id: 'deleteSecret',
  method: 'DELETE',
  path: '/v1/secrets/{name}',
  tag: 'secrets',
  summary: 'Remove a secret that no document refers to',
  params: z.object({ name }),
  answer: { status: 204, description: 'Removed' },
  problems: [404, 409],
});
