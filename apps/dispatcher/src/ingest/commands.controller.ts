import { Controller, Inject, type Type } from '@nestjs/common';
import { provisioningCommands, type ProvisioningCommand } from '@provisor/contracts';
import { BatchHandler, type BatchContext, type ReceivedRecord } from '@provisor/kafka';
import { DispatchEngine } from '../engine/dispatch-engine.js';
import { ingestCommand } from './ingest-command.js';

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
      const commands = batch.map(ingestCommand).filter((command) => command !== undefined);
      if (commands.length > 0) await this.#engine.ingest(context.partition, commands);
    }
  }
  return CommandsController;
}
