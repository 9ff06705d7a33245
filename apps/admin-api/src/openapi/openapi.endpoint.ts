import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint.js';

export const getOpenApi = defineEndpoint({
  id: 'getOpenApi',
  method: 'GET',
  path: '/v1/openapi.json',
  tag: 'about',
  summary: 'This description',
  open: true,
  answer: { status: 200, description: 'OpenAPI 3.1', schema: z.record(z.string(), z.unknown()) },
});
