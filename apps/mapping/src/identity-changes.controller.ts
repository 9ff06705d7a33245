import { Controller, Inject } from '@nestjs/common';
import { identityChanges, type IdentityChange } from '@provisor/contracts';
import { BatchHandler, type BatchContext, type ReceivedRecord } from '@provisor/kafka';
import { ChangeMapper } from './mapping/change-mapper.js';
import { newestChanges } from './mapping/source-change.js';

/** Identity changes as they come, batch by batch of a partition. */
@Controller()
export class IdentityChangesController {
  readonly #mapper: ChangeMapper;

  constructor(@Inject(ChangeMapper) mapper: ChangeMapper) {
    this.#mapper = mapper;
  }

  @BatchHandler(identityChanges, { mode: 'batch' })
  async map(batch: readonly ReceivedRecord<IdentityChange>[], { partition }: BatchContext): Promise<void> {
    await this.#mapper.map(partition, newestChanges(batch), { kind: 'live' });
  }
}
