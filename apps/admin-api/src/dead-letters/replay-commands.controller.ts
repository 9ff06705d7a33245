import { Controller, Inject } from '@nestjs/common';
import { provisioningControl, type ControlCommand } from '@provisor/contracts';
import { BatchHandler, PoisonRecordError, type BatchContext, type ReceivedRecord } from '@provisor/kafka';
import { DeadLetterStore } from '@provisor/persistence';
import { Replays } from './replays.js';

/** Replays that others than this API ask for, on the control topic. A letter is replayed once, however often that is read. */
@Controller()
export class ReplayCommandsController {
  readonly #letters: DeadLetterStore;
  readonly #replays: Replays;

  constructor(@Inject(DeadLetterStore) letters: DeadLetterStore, @Inject(Replays) replays: Replays) {
    this.#letters = letters;
    this.#replays = replays;
  }

  @BatchHandler(provisioningControl)
  async take(batch: readonly ReceivedRecord<ControlCommand>[], _context: BatchContext): Promise<void> {
    for (const record of batch) {
      if (record.value?.action !== 'replay') continue;
      const { id, deadLetterId, requestedBy } = record.value;
      if ((await this.#letters.find(deadLetterId)) === undefined)
        throw new PoisonRecordError(record, 'dead-letter.unknown', `There is no dead letter "${deadLetterId}".`);
      const caller = { actor: `${requestedBy} (${provisioningControl.name})`, requestId: id };
      await this.#replays.one(deadLetterId, { dryRun: false, caller });
    }
  }
}
