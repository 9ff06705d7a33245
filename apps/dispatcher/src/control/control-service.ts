import type { ControlCommand } from '@provisor/contracts';
import type { Clock } from '@provisor/host';
import type { ControlStore } from '@provisor/persistence';
import type { Logger } from '@provisor/telemetry';
import { rejectedHoldRecord, rejectedMembersRecord } from '../delivery/result-record.js';
import type { Configurations } from '../engine/dispatch-engine.js';

export interface ControlServiceOptions {
  readonly store: ControlStore;
  readonly configurations: Configurations;
  readonly nudge: () => void;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Logger;
}

/**
 * Handles what operators ask for, once per command and by one member of the group: the database is changed, and the owner of the
 * SP connection, whoever that is, is notified.
 */
export class ControlService {
  readonly #o: ControlServiceOptions;

  constructor(options: ControlServiceOptions) {
    this.#o = options;
  }

  async handle(control: ControlCommand): Promise<void> {
    // Commands for data stores and dead letters are for other services, and other target types have other dispatchers.
    if (!('spConnection' in control) || this.#o.configurations.get(control.spConnection) === undefined) return;
    const { store, clock, nudge, log } = this.#o;
    const now = clock.now();
    const effect = await store.apply(control, {
      object: (object) => rejectedHoldRecord(object, now),
      members: (group, memberIds) => rejectedMembersRecord(group, memberIds, { commandId: control.id, now }),
    });
    if (!effect.handled) return;
    nudge();
    log.info('A control command was carried out', {
      action: control.action,
      spConnection: control.spConnection,
      requestedBy: control.requestedBy,
      objects: effect.objects,
    });
  }
}
