import { Controller, Inject } from '@nestjs/common';
import { provisioningControl, type ControlCommand } from '@provisor/contracts';
import { BatchHandler, type BatchContext, type ReceivedRecord } from '@provisor/kafka';
import { ControlService } from './control-service.js';

@Controller()
export class ControlController {
  readonly #control: ControlService;

  constructor(@Inject(ControlService) control: ControlService) {
    this.#control = control;
  }

  @BatchHandler(provisioningControl)
  async control(batch: readonly ReceivedRecord<ControlCommand>[], _context: BatchContext): Promise<void> {
    for (const { value } of batch) if (value !== null) await this.#control.handle(value);
  }
}
