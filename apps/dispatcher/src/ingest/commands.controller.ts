import { Controller, Inject, type Type } from '@nestjs/common';
import { provisioningCommands, type ProvisioningCommand } from '@provisor/contracts';
import { BatchHandler, PoisonRecordError, type BatchContext, type ReceivedRecord } from '@provisor/kafka';
import { DispatchEngine } from '../engine/dispatch-engine.js';
import { ingestCommand, type ScopedCommand } from './ingest-command.js';

/** The consumer of the commands of one target type. */
export function commandsController(targetType: string): Type<unknown> {
  @Controller()
  class CommandsController {
    readonly #engine: DispatchEngine;

    constructor(@Inject(DispatchEngine) engine: DispatchEngine) {
      this.#engine = engine;
    }

    @BatchHandler(provisioningCommands(targetType))
    async ingest(batch: readonly ReceivedRecord<ProvisioningCommand>[], context: BatchContext): Promise<void> {
      const commands: ScopedCommand[] = [];
      for (const record of batch) commands.push(...(await this.#taken(record, context.partition)));
      if (commands.length > 0) await this.#engine.ingest(context.partition, commands);
    }

    /** What cannot be taken in is accounted for before it goes to dead letters. */
    async #taken(record: ReceivedRecord<ProvisioningCommand>, partition: number): Promise<ScopedCommand[]> {
      try {
        return [ingestCommand(record) ?? []].flat();
      } catch (error) {
        if (error instanceof PoisonRecordError && record.value !== null)
          await this.#engine.dead({
            spConnection: record.value.spConnection,
            partition,
            offset: Number(record.offset),
          });
        throw error;
      }
    }
  }
  return CommandsController;
}
