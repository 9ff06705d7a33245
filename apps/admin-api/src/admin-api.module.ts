import { Module, type DynamicModule } from '@nestjs/common';
import { AuditStore, ConfigurationStore, DeadLetterStore, ObjectStore, ResultStore } from '@provisor/persistence';
import { AuditController } from './audit/audit.controller.js';
import { ControlController } from './control/control.controller.js';
import { ControlDesk } from './control/control-desk.js';
import { DeadLettersController } from './dead-letters/dead-letters.controller.js';
import { ReplayCommandsController } from './dead-letters/replay-commands.controller.js';
import { Replays } from './dead-letters/replays.js';
import { ConfigurationChanges } from './documents/apply-documents.js';
import { DocumentsController } from './documents/documents.controller.js';
import { ExplanationController } from './objects/explanation.controller.js';
import { ObjectsController } from './objects/objects.controller.js';
import { Timelines } from './objects/timeline.js';
import { OPENAPI, OpenApiController } from './openapi/openapi.controller.js';
import type { AdminApiParts } from './admin-api.parts.js';
import { HoldsController } from './holds/holds.controller.js';
import { IntakeController } from './results/intake.controller.js';
import { ResultFeed } from './results/result-feed.js';
import { QuarantinesController } from './quarantines/quarantines.controller.js';
import { ReconciliationsController } from './reconciliations/reconciliations.controller.js';
import { ResultsController } from './results/results.controller.js';
import { SecretsController } from './secrets/secrets.controller.js';
import { StoredSecrets } from './secrets/stored-secrets.js';
import { StatusController } from './status/status.controller.js';
import { STATUS_SOURCE } from './status/status-source.js';
import { StatusReport } from './status/status-report.js';

export const HTTP_CONTROLLERS = [
  DocumentsController,
  SecretsController,
  StatusController,
  ObjectsController,
  ExplanationController,
  QuarantinesController,
  ReconciliationsController,
  ResultsController,
  DeadLettersController,
  ControlController,
  HoldsController,
  AuditController,
  OpenApiController,
] as const;

@Module({})
export class AdminApiModule {
  static with(parts: AdminApiParts): DynamicModule {
    return {
      module: AdminApiModule,
      controllers: [...HTTP_CONTROLLERS, IntakeController, ReplayCommandsController],
      providers: [
        { provide: ConfigurationStore, useValue: parts.configuration },
        { provide: ResultStore, useValue: parts.results },
        { provide: ObjectStore, useValue: parts.objects },
        { provide: DeadLetterStore, useValue: parts.deadLetters },
        { provide: AuditStore, useValue: parts.audit },
        { provide: ConfigurationChanges, useValue: parts.changes },
        { provide: StoredSecrets, useValue: parts.secrets },
        { provide: ControlDesk, useValue: parts.control },
        { provide: Replays, useValue: parts.replays },
        { provide: StatusReport, useValue: parts.status },
        { provide: STATUS_SOURCE, useValue: parts.dispatchers },
        { provide: Timelines, useValue: parts.timelines },
        { provide: ResultFeed, useValue: parts.feed },
        { provide: OPENAPI, useValue: parts.openApi },
      ],
    };
  }
}
