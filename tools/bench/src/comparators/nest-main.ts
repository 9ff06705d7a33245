import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, Payload, Transport, type MicroserviceOptions } from '@nestjs/microservices';
import kafkajs from 'kafkajs';
import { Patcher } from './patch.js';

/*
 * What a team that knows Nest would do first: its Kafka transport with a handler for each message, and the same request by undici. Order
 * per user comes from the key; nothing is folded or stored.
 */
export interface NestSettings {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly groupId: string;
  /** Partitions that are handled at once; 1 is KafkaJS's default. */
  readonly partitions: number;
  readonly scim: { readonly baseUrl: string; readonly token: string };
}

const settings = JSON.parse(process.env['BENCH_NEST'] ?? '{}') as NestSettings;
const patcher = new Patcher({ ...settings.scim, connections: 64 });

@Controller()
class UpdatesController {
  @EventPattern(settings.topic)
  async update(@Payload() update: object): Promise<void> {
    const { id, number } = update as { readonly id: string; readonly number: number };
    await patcher.patch(id, number);
  }
}

@Module({ controllers: [UpdatesController] })
class UpdatesModule {}

const app = await NestFactory.createMicroservice<MicroserviceOptions>(UpdatesModule, {
  transport: Transport.KAFKA,
  options: {
    client: { brokers: [...settings.brokers], logLevel: kafkajs.logLevel.NOTHING },
    consumer: { groupId: settings.groupId },
    subscribe: { fromBeginning: true },
    run: { partitionsConsumedConcurrently: settings.partitions },
  },
  logger: false,
});
await app.listen();
process.once('SIGTERM', () => process.exit(0));
