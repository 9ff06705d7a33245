import { ALL_TOPICS } from '../topics/topics.js';
import type { TopicContract } from '../topics/topic.js';
import { jsonSchema, schemaNameOf, type JsonSchema } from './json-schemas.js';
import { fieldRows, table } from './schema-table.js';

/** The generated part of docs/topics.md: an overview, and each topic with its settings and fields. */
export function topicsMarkdown(): string {
  const topics = ALL_TOPICS;
  const overview = table(
    ['topic', 'key', 'what it carries'],
    topics.map((topic) => [`[\`${topic.name}\`](#${anchor(topic.name)})`, code(topic.keyDescription), topic.title]),
  );
  return [overview, ...topics.map(section)].join('\n\n');
}

function section(topic: TopicContract<never>): string {
  const name = schemaNameOf(topic.schema);
  const settings = Object.entries({ partitions: String(topic.partitions), ...topic.config });
  return [
    `### ${topic.name}`,
    `${topic.title}. Key: ${code(topic.keyDescription)}. Type: \`${topic.type}\`. Schema: [${name}.schema.json](../libs/contracts/schemas/${name}.schema.json).`,
    table(
      ['setting', 'value'],
      settings.map(([setting, value]) => [`\`${setting}\``, `\`${value}\``]),
    ),
    ...fields(jsonSchema(name)),
  ].join('\n\n');
}

function fields(schema: JsonSchema): string[] {
  const branches = schema['oneOf'] ?? schema['anyOf'];
  if (!Array.isArray(branches)) return [table(['field', 'type', 'meaning'], fieldRows(schema))];
  return (branches as JsonSchema[]).map((branch) => table(['field', 'type', 'meaning'], fieldRows(branch)));
}

/** Placeholders in angle brackets would pass for HTML. */
const code = (text: string): string => text.replace(/<[^ ]+>/g, '`$&`');
const anchor = (name: string): string => name.replace(/\./g, '');
