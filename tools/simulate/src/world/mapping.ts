import type { IdentityChange, Version } from '@provisor/contracts';
import {
  decideCommand,
  evaluate,
  type CompiledConnection,
  type LedgerEntry,
  type PlannedCommand,
} from '@provisor/provisioning';
import type { CommandsTopic } from './commands-topic.js';
import { numberOf } from './organisation.js';
import { traceOf } from './trace.js';

export interface MappingParts {
  readonly changes: () => readonly IdentityChange[];
  readonly topic: CommandsTopic;
  readonly connections: () => readonly CompiledConnection[];
  readonly scopeOf: (connection: string) => { readonly limitScope: string; readonly partition: number };
  readonly now: () => number;
}

/** A command that mapping told, whether or not it was told before. */
export interface Told {
  readonly connection: string;
  readonly objectId: string;
  readonly version: Version;
}

/** Mapping with its ledger: commands are produced first, and what was told is stored after that. */
export class Mapping {
  readonly #p: MappingParts;
  #ledger = new Map<string, LedgerEntry>();
  #position = 0;
  #again = false;

  constructor(parts: MappingParts) {
    this.#p = parts;
  }

  get idle(): boolean {
    return this.#position === this.#p.changes().length && !this.#again;
  }

  /** A document changed: everybody is evaluated again for every SP connection. */
  reconfigured(): void {
    this.#again = true;
  }

  /** Maps what is new. With `crashes` the commands are out and the ledger does not know it. */
  run(crashes: boolean): void {
    const changes = this.#p.changes();
    const ledger = new Map(this.#ledger);
    const bulk = this.#again;
    const snapshot = new Map(changes.slice(0, this.#position).map((change) => [change.objectId, change]));
    const todo = [...(bulk ? [...snapshot.values()] : []), ...changes.slice(this.#position)];
    for (const change of todo)
      for (const connection of this.#p.connections()) this.#decide(change, connection, { ledger, bulk });
    if (crashes) return;
    this.#ledger = ledger;
    this.#position = changes.length;
    this.#again = false;
  }

  #decide(
    change: IdentityChange,
    connection: CompiledConnection,
    { ledger, bulk }: { ledger: Map<string, LedgerEntry>; bulk: boolean },
  ): void {
    const key = `${connection.name}\n${change.objectId}`;
    const evaluation = evaluate(change, connection, () => undefined);
    const decision = decideCommand(ledger.get(key) ?? null, change, evaluation, connection, { bulk });
    if (decision.ledger !== null) ledger.set(key, decision.ledger);
    if (decision.kind === 'none') return;
    const { limitScope, partition } = this.#p.scopeOf(connection.name);
    this.#p.topic.append(partition, {
      command: { ...sealedCommand(decision.command), mappedAt: new Date(this.#p.now()).toISOString() },
      limitScope,
      traceparent: traceOf(numberOf(change.objectId), decision.command.version),
    });
  }
}

/** Masked values in the form in which they travel; here the seal is no secret. */
function sealedCommand(command: PlannedCommand): PlannedCommand {
  const { attributes } = command.desired;
  if (attributes === undefined || command.masked === undefined) return command;
  const masked = new Set(command.masked);
  const sealed = Object.entries(attributes).map(([path, value]) =>
    masked.has(path) && typeof value === 'string'
      ? ([path, { sealed: value, digest: value }] as const)
      : ([path, value] as const),
  );
  return { ...command, desired: { ...command.desired, attributes: Object.fromEntries(sealed) } };
}
