import { Controller, Inject } from '@nestjs/common';
import { provisioningControl, type ControlCommand } from '@provisor/contracts';
import { BatchHandler, type BatchContext, type ReceivedRecord } from '@provisor/kafka';
import { CursorStore } from '@provisor/persistence';

/** Takes what operators ask of data stores to whichever replica owns them, by way of the database. */
@Controller()
export class ControlController {
  readonly #cursors: CursorStore;

  constructor(@Inject(CursorStore) cursors: CursorStore) {
    this.#cursors = cursors;
  }

  @BatchHandler(provisioningControl)
  async take(batch: readonly ReceivedRecord<ControlCommand>[], _context: BatchContext): Promise<void> {
    for (const { value } of batch) {
      if (value?.action === 'compare-source') await this.#cursors.request(value.dataStore, 'compare', value.id);
      if (value?.action === 'accept-source') await this.#cursors.request(value.dataStore, 'accept', value.id);
    }
  }
}
