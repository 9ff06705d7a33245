import {
  startContainerKafka,
  startContainerPostgres,
  whyNoContainers,
  type ContainerKafka,
  type ContainerPostgres,
} from '@provisor/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Installation } from '../installation/installation.js';

const SP = 'intranet';
const obstacle = await whyNoContainers();
if (obstacle !== undefined) process.stdout.write(`skipped: ${obstacle}\n`);

describe.skipIf(obstacle !== undefined)('with Kafka and PostgreSQL in containers', () => {
  const before = { ...process.env };
  let kafka: ContainerKafka | undefined;
  let postgres: ContainerPostgres | undefined;
  let installation: Installation | undefined;

  beforeAll(async () => {
    [kafka, postgres] = await Promise.all([startContainerKafka(), startContainerPostgres()]);
    process.env['PROVISOR_TEST_KAFKA'] = kafka.brokers;
    process.env['PROVISOR_TEST_DATABASE'] = postgres.url;
    installation = await Installation.open({ users: 50, spConnections: [SP] });
  }, 300_000);

  afterAll(async () => {
    process.env = before;
    await installation?.close();
    await Promise.all([kafka?.stop(), postgres?.stop()]);
  });

  test('a change in the directory comes to the service provider, and a drain ends every service with 0', async () => {
    const provisor = installation!;
    const { people } = await provisor.untilSettled(SP);
    const person = people.find(({ external, enabled }) => !external && enabled)!;

    await provisor.directory.client.replace(person.dn, 'title', 'Minister of Silly Walks');

    await provisor.until('the new title', () => {
      const account = provisor.provider(SP).tenant.users.findBy('userName', person.uid);
      return account?.resource['title'] === 'Minister of Silly Walks';
    });
    expect(provisor.provider(SP).createdTwice()).toEqual([]);
    for (const service of provisor.services) expect(await service.stop()).toMatchObject({ code: 0 });
  });
});
