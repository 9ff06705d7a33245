import { Module, type DynamicModule } from '@nestjs/common';
import { CursorStore, type Database } from '@provisor/persistence';
import { ControlController } from './control/control.controller.js';

@Module({})
export class ChangeCaptureModule {
  static with(database: Database): DynamicModule {
    return {
      module: ChangeCaptureModule,
      controllers: [ControlController],
      providers: [{ provide: CursorStore, useFactory: () => new CursorStore(database) }],
    };
  }
}
