import type { Clock } from '@provisor/host';
import {
  AuditStore,
  ConfigurationStore,
  DeadLetterStore,
  ObjectStore,
  Outbox,
  ResultStore,
  SecretStore,
  type Database,
} from '@provisor/persistence';
import { ControlDesk } from './control/control-desk.js';
import type { NewerRecords } from './dead-letters/newer-records.js';
import { Replays } from './dead-letters/replays.js';
import { ConfigurationChanges } from './documents/apply-documents.js';
import type { Vault } from './documents/seal-secrets.js';
import { ENDPOINTS } from './endpoints.js';
import { Timelines } from './objects/timeline.js';
import { buildOpenApi } from './openapi/build-openapi.js';
import { ResultFeed } from './results/result-feed.js';
import { StoredSecrets } from './secrets/stored-secrets.js';
import type { CaptureSource } from './status/capture-source.js';
import { StatusReport } from './status/status-report.js';
import type { StatusSource } from './status/status-source.js';

export type AdminApiParts = ReturnType<typeof createParts>;

export interface PartsOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly vault: Vault | undefined;
  readonly dispatchers: StatusSource;
  readonly capture: CaptureSource;
  readonly newer: NewerRecords;
  /** Called after a commit that left records in the outbox. */
  readonly committed: () => void;
  /** Called after results were stored. */
  readonly resultsStored: () => void;
  readonly version: string;
}

/** Everything that the API's controllers work with. */
export function createParts({ database, clock, vault, committed, dispatchers, capture, ...o }: PartsOptions) {
  const now = () => clock.date();
  const outbox = new Outbox();
  const configuration = new ConfigurationStore(database);
  const storedSecrets = new SecretStore(database);
  const results = new ResultStore(database);
  const objects = new ObjectStore(database);
  const deadLetters = new DeadLetterStore(database);
  const audit = new AuditStore(database);
  const writing = { database, configuration, audit, outbox, now, committed };
  const changes = new ConfigurationChanges({ ...writing, secrets: storedSecrets, vault });
  return {
    configuration,
    results,
    objects,
    deadLetters,
    audit,
    changes,
    secrets: new StoredSecrets({ ...writing, secrets: storedSecrets, changes, vault }),
    control: new ControlDesk(writing),
    replays: new Replays({ ...writing, deadLetters, newer: o.newer }),
    status: new StatusReport({ configuration, objects, deadLetters, dispatchers, capture, now }),
    dispatchers,
    timelines: new Timelines({ results, objects, dispatchers }),
    feed: new ResultFeed({ results, clock, tellOthers: o.resultsStored }),
    openApi: buildOpenApi(ENDPOINTS, o.version),
  };
}
