import { Module, type DynamicModule } from '@nestjs/common';
import { ControlController } from './control/control.controller.js';
import { ControlService } from './control/control-service.js';
import { DispatchEngine } from './engine/dispatch-engine.js';
import { commandsController } from './ingest/commands.controller.js';

@Module({})
export class DispatcherModule {
  static with(parts: { targetType: string; engine: DispatchEngine; control: ControlService }): DynamicModule {
    return {
      module: DispatcherModule,
      controllers: [commandsController(parts.targetType), ControlController],
      providers: [
        { provide: DispatchEngine, useFactory: () => parts.engine },
        { provide: ControlService, useFactory: () => parts.control },
      ],
    };
  }
}
