import {
  identityChanges,
  provisioningCommands,
  provisioningConfig,
  provisioningControl,
  provisioningDeadLetters,
  provisioningResults,
  type DeadLetter,
} from '@provisor/contracts';
import kafkajs from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Installation } from './installation/installation.js';

/** Every topic that a service consumes, with a key that puts the hostile record into the partition of what is legitimate there. */
const CONSUMED = [
  { topic: identityChanges.name, key: 'corp-directory:hostile', stages: ['mapping'] },
  { topic: provisioningCommands('scim').name, key: 'intranet', stages: ['dispatch'] },
  { topic: provisioningResults.name, key: 'intranet:hostile', stages: ['record'] },
  { topic: provisioningConfig.name, key: 'SpConnection/hostile', stages: ['capture', 'mapping', 'dispatch'] },
  { topic: provisioningControl.name, key: 'intranet', stages: ['capture', 'dispatch'] },
  { topic: provisioningDeadLetters.name, key: 'hostile', stages: ['record'] },
] as const;

const HOSTILE = [
  { code: 'record.not-json', value: Buffer.from('{"dataStore": "corp') },
  { code: 'record.schema', value: Buffer.from('{"spConnection": 7, "objectId": null}') },
  // The broker takes it because it is small while compressed.
  { code: 'record.too-large', value: Buffer.from(JSON.stringify({ attributes: 'x'.repeat(1_100_000) })) },
] as const;

let installation: Installation;

beforeAll(async () => {
  installation = await Installation.open({ users: 60, spConnections: ['intranet'] });
  await installation.untilSettled('intranet');
}, 240_000);
afterAll(() => installation?.close());

async function sendHostile(): Promise<void> {
  const { Kafka, logLevel, Partitioners } = kafkajs;
  const kafka = new Kafka({ clientId: 'hostile', brokers: [...installation.brokers], logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  for (const { topic, key } of CONSUMED)
    for (const { value } of HOSTILE)
      await producer.send({
        topic: installation.topicPrefix + topic,
        compression: kafkajs.CompressionTypes.GZIP,
        messages: [{ key, value, headers: { 'x-emitter': 'hostile' } }],
      });
  await producer.disconnect();
}

async function deadLetters(): Promise<readonly DeadLetter[]> {
  const found: DeadLetter[] = [];
  await installation.kafka.readToEnd({
    contract: provisioningDeadLetters,
    handle: async (batch) => void found.push(...batch.flatMap(({ value }) => value ?? [])),
  });
  return found;
}

test('a hostile record on any topic goes to dead letters with cause and origin, and its neighbours go on', async () => {
  const { directory, organisation, admin } = installation;
  const people = organisation.people.filter(({ employeeType }) => employeeType === 'staff').slice(0, 10);
  for (const person of people.slice(0, 5)) await directory.client.replace(person.dn, 'title', 'Before');
  await sendHostile();
  for (const person of people.slice(5)) await directory.client.replace(person.dn, 'title', 'After');

  await installation.untilSettled('intranet');
  const expected = CONSUMED.flatMap(({ topic, stages }) =>
    HOSTILE.flatMap(({ code }) => stages.map((stage) => `${topic} ${code} ${stage}`)),
  );
  const letters = await installation.until(
    'every hostile record is a dead letter of every stage that met it',
    async () => {
      const found = await deadLetters();
      const seen = new Set(found.map(({ origin, cause, stage }) => `${origin.topic} ${cause.code} ${stage}`));
      return expected.every((one) => seen.has(one)) && found;
    },
    { withinMs: 60_000, everyMs: 500 },
  );
  for (const letter of letters) {
    const { topic, partition, offset, key, headers } = letter.origin;
    expect(letter.id).toBe(`${topic}/${partition}/${offset}`);
    expect(CONSUMED.find((consumed) => consumed.topic === topic)?.key).toBe(key);
    expect(headers['x-emitter']).toBe('hostile');
    expect(letter.cause.message).not.toBe('');
  }

  // People find them, too.
  await installation.until('the admin API lists each of them', async () => {
    const { deadLetters: listed } = await admin.listDeadLetters({ query: { limit: 100 } });
    return listed.length === CONSUMED.length * HOSTILE.length;
  });
  expect((await admin.getStatus()).deadLetters).toBe(CONSUMED.length * HOSTILE.length);

  // Nobody is stuck: a change of the configuration, for which everybody is read again, and a change of a person arrive.
  await installation.configure(
    installation.configuration.replace('title: title', 'title: { source: title, case: upper }'),
  );
  const { tenant } = installation.provider('intranet');
  await installation.until('the new configuration has reached everybody', () =>
    [...tenant.users.all()].every(({ resource }) => resource['title'] === String(resource['title']).toUpperCase()),
  );
  await directory.client.replace(people[0]!.dn, 'title', 'At last');
  await installation.until(
    'a change after it arrives',
    () => tenant.user(people[0]!.entryUuid)?.['title'] === 'AT LAST',
  );
  for (const service of installation.services) await service.untilReady();
}, 240_000);
