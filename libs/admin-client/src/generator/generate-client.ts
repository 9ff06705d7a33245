import type { OpenApi, OpenApiOperation, OpenApiParameter, Schema } from './openapi.js';
import { comment, fieldName, schemaType } from './schema-type.js';

/** Source text of the types and operations of an OpenAPI document. Deterministic. */
export function generateClient(api: OpenApi): string {
  const schemas = Object.entries(api.components.schemas).map(
    ([name, schema]) => `${comment(schema.description, '')}export type ${name} = ${schemaType(schema)};\n`,
  );
  const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  return [
    '// Generated from docs/contracts/openapi.json by libs/admin-client/src/generator/main.ts. Not to be edited.\n',
    "import type { Call, CallOptions } from '../call.js';\n",
    schemas.join('\n'),
    '/** Every operation of the admin API. */\nexport abstract class AdminOperations {',
    '  protected abstract call<T>(call: Call, options?: CallOptions): Promise<T>;\n',
    `${operations.map(operationMethod).join('\n')}}\n`,
  ].join('\n');
}

interface Place {
  readonly path: string;
  readonly method: string;
  readonly operation: OpenApiOperation;
}

function operationMethod({ path, method, operation }: Place): string {
  const input = inputType(operation);
  const optional = input !== undefined && !input.required;
  const argument = input === undefined ? '' : `input: ${input.type}${optional ? ' = {}' : ''}, `;
  const parts = [`method: '${method}'`, `path: '${path}'`, ...(input === undefined ? [] : ['...input'])];
  return [
    comment(operation.summary, '  ').trimEnd(),
    `  ${operation.operationId}(${argument}options?: CallOptions): Promise<${answerType(operation)}> {`,
    `    return this.call({ ${parts.join(', ')} }, options);`,
    '  }\n',
  ].join('\n');
}

function inputType(operation: OpenApiOperation): { type: string; required: boolean } | undefined {
  const groups = [
    group('params', operation.parameters, 'path'),
    group('query', operation.parameters, 'query'),
    group('headers', operation.parameters, 'header'),
    bodyGroup(operation),
  ].filter((item) => item !== undefined);
  if (groups.length === 0) return undefined;
  const fields = groups.map(({ name, type, required }) => `    readonly ${name}${required ? '' : '?'}: ${type};\n`);
  return { type: `{\n${fields.join('')}  }`, required: groups.some(({ required }) => required) };
}

interface Group {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
}

function group(
  name: string,
  parameters: readonly OpenApiParameter[] = [],
  place: OpenApiParameter['in'],
): Group | undefined {
  const own = parameters.filter((parameter) => parameter.in === place);
  if (own.length === 0) return undefined;
  const fields = own.map((parameter) => {
    const required = parameter.required === true;
    const text = comment(parameter.description, '      ');
    return `${text}      readonly ${fieldName(parameter.name)}${required ? '' : '?'}: ${schemaType(parameter.schema, '      ')}${required ? '' : ' | undefined'};\n`;
  });
  return { name, type: `{\n${fields.join('')}    }`, required: own.some((parameter) => parameter.required === true) };
}

function bodyGroup({ requestBody }: OpenApiOperation): Group | undefined {
  const schema = requestBody?.content['application/json']?.schema;
  if (!schema) return undefined;
  return { name: 'body', type: schemaType(schema, '    '), required: requestBody.required === true };
}

function answerType({ responses }: OpenApiOperation): string {
  const success = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1];
  const schema: Schema | undefined = success?.content?.['application/json']?.schema;
  return schema ? schemaType(schema, '  ') : 'void';
}
