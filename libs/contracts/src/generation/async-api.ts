import { ALL_TOPICS } from '../topics/topics.js';
import type { TopicContract } from '../topics/topic.js';
import { jsonSchema, schemaNameOf, type JsonSchema, type SchemaName } from './json-schemas.js';

type Topic = TopicContract<never>;
type Json = Readonly<Record<string, unknown>>;

/** Who writes and reads which topic, by the first part of its name. */
const SERVICES: readonly { service: string; sends: readonly string[]; receives: readonly string[] }[] = [
  {
    service: 'change-capture',
    sends: ['identity.changes'],
    receives: ['identity.intake', 'provisioning.config', 'provisioning.control'],
  },
  {
    service: 'mapping',
    sends: ['provisioning.commands'],
    receives: ['identity.changes', 'provisioning.config', 'provisioning.control'],
  },
  {
    service: 'dispatcher',
    sends: ['provisioning.results'],
    receives: ['provisioning.commands', 'provisioning.config', 'provisioning.control'],
  },
  {
    service: 'admin-api',
    sends: ['provisioning.config', 'provisioning.control'],
    receives: ['provisioning.results', 'provisioning.dead-letters'],
  },
  { service: 'any-stage', sends: ['provisioning.dead-letters'], receives: [] },
  { service: 'emitter', sends: ['identity.intake'], receives: [] },
];

/** The AsyncAPI 3.0 document of all topics, with Kafka bindings and CloudEvents headers. */
export function asyncApi(version: string): Json {
  const topics = ALL_TOPICS as readonly Topic[];
  const names = [...new Set(topics.map((topic) => schemaNameOf(topic.schema)))];
  return {
    asyncapi: '3.0.0',
    id: 'urn:provisor',
    info: {
      title: 'Provisor',
      version,
      description:
        'Topics of an installation, without its prefix. Records are CloudEvents 1.0 in Kafka binary mode; structured mode is accepted. Within a version of a topic there are only additions.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(topics.map((topic) => [idOf(topic), channelOf(topic)])),
    operations: Object.fromEntries(
      SERVICES.flatMap(({ service, sends, receives }) => [
        ...operations(topics, service, 'send', sends),
        ...operations(topics, service, 'receive', receives),
      ]),
    ),
    components: {
      messages: Object.fromEntries(topics.map((topic) => [idOf(topic), messageOf(topic)])),
      messageTraits: { cloudEvent: CLOUD_EVENT },
      schemas: Object.fromEntries(names.map((name) => [camel(name), schemaOf(name)])),
    },
  };
}

function channelOf(topic: Topic): Json {
  const id = idOf(topic);
  return {
    address: topic.name,
    title: topic.name,
    description: `${topic.title}.`,
    messages: { [id]: { $ref: `#/components/messages/${id}` } },
    bindings: {
      kafka: {
        topic: topic.name,
        partitions: topic.partitions,
        topicConfiguration: topicConfiguration(topic),
        bindingVersion: '0.5.0',
      },
    },
  };
}

function topicConfiguration(topic: Topic): Json {
  return Object.fromEntries(
    Object.entries(topic.config).map(([key, value]) => [
      key,
      key === 'cleanup.policy' ? value.split(',') : Number(value),
    ]),
  );
}

function messageOf(topic: Topic): Json {
  return {
    name: topic.type,
    title: topic.title,
    contentType: 'application/json',
    payload: {
      schemaFormat: 'application/schema+json;version=draft-2020-12',
      schema: { $ref: `#/components/schemas/${camel(schemaNameOf(topic.schema))}/schema` },
    },
    traits: [{ $ref: '#/components/messageTraits/cloudEvent' }],
    bindings: { kafka: { key: { type: 'string', description: topic.keyDescription }, bindingVersion: '0.5.0' } },
  };
}

const schemaOf = (name: SchemaName): Json => ({
  schemaFormat: 'application/schema+json;version=draft-2020-12',
  schema: embedded(jsonSchema(name)),
});

/** Without `$schema` and `$id`, which would make the embedded schema a resource of its own. */
function embedded(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$schema' && key !== '$id'));
}

const CLOUD_EVENT: Json = {
  headers: {
    type: 'object',
    required: ['ce_specversion', 'ce_id', 'ce_source', 'ce_type', 'ce_time'],
    properties: {
      'content-type': { type: 'string', const: 'application/json' },
      ce_specversion: { type: 'string', const: '1.0' },
      ce_id: { type: 'string', description: 'Unique per source; the same event always has the same id.' },
      ce_source: { type: 'string', description: 'URI reference of the emitting service, such as /provisor/mapping.' },
      ce_type: { type: 'string', description: 'The name of the message.' },
      ce_time: { type: 'string', format: 'date-time' },
      traceparent: { type: 'string', description: 'W3C trace context.' },
    },
  },
};

function operations(
  topics: readonly Topic[],
  service: string,
  action: 'send' | 'receive',
  names: readonly string[],
): [string, Json][] {
  return topics
    .filter(({ name }) => names.some((start) => name.startsWith(`${start}.`)))
    .map((topic) => [
      `${camel(service)}.${action}.${idOf(topic)}`,
      {
        action,
        title: `${service} ${action === 'send' ? 'writes' : 'reads'} ${topic.name}`,
        channel: { $ref: `#/channels/${idOf(topic)}` },
        messages: [{ $ref: `#/channels/${idOf(topic)}/messages/${idOf(topic)}` }],
        tags: [{ name: service }],
      },
    ]);
}

/** `identity.changes.v1` becomes `identityChangesV1`. */
const idOf = (topic: Topic): string => camel(topic.name);
const camel = (text: string): string => text.replace(/[.-](\w)/g, (_, letter: string) => letter.toUpperCase());
