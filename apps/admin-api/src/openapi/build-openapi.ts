import type { z } from 'zod';
import type { Endpoint } from '../http/endpoint.js';
import { problemDetails } from './problem.schema.js';
import { SchemaComponents, type JsonSchema } from './schema-components.js';

const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'A parameter or the form of the request is wrong',
  401: 'No bearer token, or a wrong one',
  404: 'There is no such thing',
  409: 'The request contradicts what is stored',
  412: 'The document has changed since the version that If-Match names',
  413: 'The body is too large',
  415: 'The body is not JSON',
  422: 'The content is wrong; `errors` names each place',
  429: 'Too many failed attempts to authenticate from this address, or too many open requests',
  500: 'An error of the service',
  503: 'The service cannot answer now',
};

/** The OpenAPI 3.1 document of the endpoints. Deterministic. */
export function buildOpenApi(endpoints: readonly Endpoint[], version: string): JsonSchema {
  const components = new SchemaComponents();
  // Names go to the response form first: a request form that differs gets the suffix.
  components.schema(problemDetails, 'output');
  for (const { answer } of endpoints) if (answer.schema) components.schema(answer.schema, 'output');
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const endpoint of endpoints)
    (paths[endpoint.path] ??= {})[endpoint.method.toLowerCase()] = operation(endpoint, components);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Provisor admin API',
      version,
      description:
        'Configuration, status, history and control of Provisor. Every error is a problem document (RFC 9457).',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    tags: [...new Set(endpoints.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      responses: Object.fromEntries(Object.keys(PROBLEMS).map((status) => [`Problem${status}`, problem(status)])),
      schemas: components.components,
    },
  };
}

function operation(endpoint: Endpoint, components: SchemaComponents): JsonSchema {
  const parameters = [
    ...parametersOf(endpoint.params, 'path', components),
    ...parametersOf(endpoint.query, 'query', components),
    ...(endpoint.conditional === true ? CONDITIONAL_HEADERS : []),
  ];
  return {
    operationId: endpoint.id,
    tags: [endpoint.tag],
    summary: endpoint.summary,
    ...(endpoint.description === undefined ? {} : { description: endpoint.description }),
    ...(endpoint.open === true ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(endpoint.body === undefined
      ? {}
      : {
          requestBody: {
            required: !endpoint.body.safeParse(undefined).success,
            content: json(components.schema(endpoint.body, 'input')),
          },
        }),
    responses: responsesOf(endpoint, components),
  };
}

const CONDITIONAL_HEADERS: readonly JsonSchema[] = [
  {
    name: 'If-Match',
    in: 'header',
    description: 'Go on only if the document has this version, as its ETag said.',
    schema: { type: 'string' },
  },
  {
    name: 'If-None-Match',
    in: 'header',
    description: '`*`: go on only if there is no such document.',
    schema: { type: 'string' },
  },
];

function parametersOf(schema: z.ZodObject | undefined, place: 'path' | 'query', components: SchemaComponents) {
  if (schema === undefined) return [];
  return Object.entries(schema.shape as Record<string, z.ZodType>).map(([name, field]): JsonSchema => {
    const { description, ...rest } = components.schema(field, 'input');
    return {
      name,
      in: place,
      ...(place === 'path' ? { required: true } : {}),
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
  });
}

function responsesOf(endpoint: Endpoint, components: SchemaComponents): JsonSchema {
  const { status, description, schema } = endpoint.answer;
  const withBody = endpoint.body === undefined ? [] : [413, 415, 422];
  const statuses = [
    400,
    ...(endpoint.open === true ? [] : [401, 429]),
    ...(endpoint.problems ?? []),
    ...withBody,
    500,
    503,
  ];
  return {
    [status]: { description, ...(schema === undefined ? {} : { content: json(components.schema(schema, 'output')) }) },
    ...Object.fromEntries(
      [...new Set(statuses)]
        .toSorted((a, b) => a - b)
        .map((code) => [code, { $ref: `#/components/responses/Problem${code}` }]),
    ),
  };
}

const json = (schema: JsonSchema) => ({ 'application/json': { schema } });

function problem(status: string): JsonSchema {
  return {
    description: PROBLEMS[Number(status)],
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemDetails' } } },
  };
}
