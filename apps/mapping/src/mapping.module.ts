import { Module, type DynamicModule } from '@nestjs/common';
import { IdentityChangesController } from './identity-changes.controller.js';
import { ChangeMapper } from './mapping/change-mapper.js';

/** identity.changes → mapping → provisioning.commands.<target type>. */
@Module({})
export class MappingModule {
  static with(mapper: ChangeMapper): DynamicModule {
    return {
      module: MappingModule,
      controllers: [IdentityChangesController],
      providers: [{ provide: ChangeMapper, useFactory: () => mapper }],
    };
  }
}
