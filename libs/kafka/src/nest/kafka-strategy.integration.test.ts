import 'reflect-metadata';
import { Controller, Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { provisioningDeadLetters } from '@provisor/contracts';
import { until } from '@provisor/testing';
import { afterAll, describe, expect, it } from 'vitest';
import type { BatchContext } from '../consumer/subscription.js';
import { PoisonRecordError } from '../consumer/poison-record-error.js';
import type { ReceivedRecord } from '../records.js';
import { noteTopic, outgoing, readAll, TestBroker, type Note } from '../test-broker.fixture.js';
import { BatchHandler } from './batch-handler.js';
import { KafkaStrategy } from './kafka-strategy.js';

const broker = new TestBroker();
afterAll(() => broker.close());
const contract = noteTopic('nest', 2);

class Journal {
  readonly seen: number[] = [];
  readonly partitions = new Set<number>();
  failures = 1;
}

@Controller()
class NoteController {
  readonly #journal: Journal;

  constructor(@Inject(Journal) journal: Journal) {
    this.#journal = journal;
  }

  @BatchHandler(contract, { mode: 'batch' })
  async handle(batch: readonly ReceivedRecord<Note>[], context: BatchContext): Promise<void> {
    const poison = batch.find(({ value }) => value?.n === 13);
    if (poison !== undefined) throw new PoisonRecordError(poison, 'test.unlucky', 'Thirteen.');
    if (this.#journal.failures-- > 0) throw new Error('passing trouble');
    this.#journal.partitions.add(context.partition);
    this.#journal.seen.push(...batch.map(({ value }) => value?.n ?? -1));
  }
}

@Module({ controllers: [NoteController], providers: [Journal] })
class NoteModule {}

describe(`KafkaStrategy (topics ${broker.prefix}*)`, () => {
  it('runs decorated methods of a Nest application, their errors included', async () => {
    const client = broker.client();
    await client.admin().ensureTopics([contract, provisioningDeadLetters]);
    const strategy = new KafkaStrategy({ client, groupId: 'nest', stage: 'nest', backoff: { initialMs: 5, maxMs: 5 } });
    const app = await NestFactory.createMicroservice(NoteModule, { strategy, logger: false });
    await app.listen();
    expect(strategy.health()).toMatchObject({ joined: true, healthy: true });
    const producer = await client.producer();
    await producer.send([1, 13, 2].map((n) => outgoing('nest', 'same', n)));
    const journal = app.get(Journal);
    await until('the records', () => journal.seen.length === 2);
    expect(journal.seen).toEqual([1, 2]);
    await app.close();
    const letters = await readAll(client, provisioningDeadLetters);
    expect(letters.map(({ value }) => value?.cause)).toContainEqual({ code: 'test.unlucky', message: 'Thirteen.' });
  });
});
