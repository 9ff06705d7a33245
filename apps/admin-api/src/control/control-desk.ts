import { randomUUID } from 'node:crypto';
import {
  documentKey,
  encodeRecord,
  provisioningControl,
  type ControlCommand,
  type DocumentKind,
} from '@provisor/contracts';
import type { AuditStore, ConfigurationStore, Database, Outbox } from '@provisor/persistence';
import type { Caller } from '../http/endpoint.js';
import { notFound } from '../http/problem.js';

/** A control command as it is asked for, without what the desk adds. */
export type ControlRequest = ControlCommand extends infer C
  ? C extends ControlCommand
    ? Omit<C, 'id' | 'requestedBy' | 'requestedAt'>
    : never
  : never;

export interface ControlDependencies {
  readonly database: Database;
  readonly configuration: ConfigurationStore;
  readonly audit: AuditStore;
  readonly outbox: Outbox;
  readonly now: () => Date;
  /** Called after a commit that left records in the outbox. */
  readonly committed: () => void;
}

/** Takes what operators ask for, audits it and sends it to the services, in one transaction. */
export class ControlDesk {
  readonly #deps: ControlDependencies;

  constructor(dependencies: ControlDependencies) {
    this.#deps = dependencies;
  }

  /** Throws a problem where the SP connection or data store does not exist. */
  async send(request: ControlRequest, caller: Caller): Promise<{ id: string; action: string }> {
    const { database, audit, outbox, now, committed } = this.#deps;
    const subject = await this.#subjectOf(request);
    const at = now();
    const command = {
      ...request,
      id: randomUUID(),
      requestedBy: caller.actor,
      requestedAt: at.toISOString(),
    } as ControlCommand;
    const record = encodeRecord(provisioningControl, command, {
      id: command.id,
      source: '/provisor/admin-api',
      time: at,
    });
    await database.transaction(async (tx) => {
      await audit.append(tx, {
        at,
        actor: caller.actor,
        action: `control.${command.action}`,
        subject,
        requestId: caller.requestId,
        details: { commandId: command.id, ...scopeOf(command) },
      });
      await outbox.append(tx, [{ topic: provisioningControl.name, ...record }]);
    });
    committed();
    return { id: command.id, action: command.action };
  }

  async #subjectOf(request: ControlRequest): Promise<string> {
    if ('spConnection' in request) return this.#existing('SpConnection', request.spConnection);
    if ('dataStore' in request) return this.#existing('DataStore', request.dataStore);
    return `DeadLetter/${request.deadLetterId}`;
  }

  async #existing(kind: DocumentKind, name: string): Promise<string> {
    if (await this.#deps.configuration.find(kind, name)) return documentKey(kind, name);
    throw notFound(`There is no ${kind === 'SpConnection' ? 'SP connection' : 'data store'} "${name}".`);
  }
}

/** What of the SP connection or data store the command is about, as far as not all of it. */
const scopeOf = (command: ControlCommand): Record<string, unknown> => ({
  ...('objectId' in command ? { objectId: command.objectId } : {}),
  ...('objectIds' in command ? { objectIds: command.objectIds } : {}),
  ...('kinds' in command ? { kinds: command.kinds } : {}),
  ...('repair' in command ? { repair: command.repair } : {}),
  ...('groupId' in command ? { groupId: command.groupId } : {}),
});
