import { ledgerKey, type LedgerRow } from '@provisor/persistence';
import {
  decideCommand,
  evaluate,
  isKnownVersion,
  type CompiledConnection,
  type EvaluationOccasion,
  type GroupResolver,
  type LedgerEntry,
  type MappingProblem,
  type PlannedCommand,
} from '@provisor/provisioning';
import type { SourceChange } from './source-change.js';

/** A command that is to be told, and what the ledger holds once it was. */
export interface DecidedCommand {
  readonly connection: CompiledConnection;
  readonly source: SourceChange;
  readonly command: PlannedCommand;
  readonly ledger: LedgerRow;
}

/** An object that could not be mapped for one SP connection. */
export interface FailedMapping {
  readonly connection: CompiledConnection;
  readonly source: SourceChange;
  readonly problem: MappingProblem;
}

export interface Decisions {
  readonly commands: readonly DecidedCommand[];
  /** Ledger entries that move on without a command. */
  readonly silent: readonly LedgerRow[];
  readonly failed: readonly FailedMapping[];
}

export interface DecisionContext {
  readonly ledger: ReadonlyMap<string, LedgerEntry>;
  readonly groups: GroupResolver;
  readonly occasion: EvaluationOccasion;
}

/**
 * Those of the SP connections that do not know this version yet: a replay is not worth an evaluation. Where everybody is evaluated anew,
 * the groups of a scope may be others than then.
 */
export function withoutReplays(
  { change }: SourceChange,
  connections: readonly CompiledConnection[],
  { ledger, occasion }: DecisionContext,
): readonly CompiledConnection[] {
  if (occasion.bulk === true) return connections;
  return connections.filter((connection) => {
    const previous = ledger.get(ledgerKey(connection.name, change.objectId)) ?? null;
    return !isKnownVersion(previous, change, connection);
  });
}

/** What one change comes to at these SP connections. Whatever goes wrong with it is its own failure, never an exception. */
export function decideChange(
  source: SourceChange,
  connections: readonly CompiledConnection[],
  context: DecisionContext,
): Decisions {
  const commands: DecidedCommand[] = [];
  const silent: LedgerRow[] = [];
  const failed: FailedMapping[] = [];
  for (const connection of connections) {
    const fail = (problem: MappingProblem): void => void failed.push({ connection, source, problem });
    try {
      decideOne(source, connection, context, { commands, silent, fail });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      fail({ channel: '', code: 'mapping.internal', message: `Mapping failed unexpectedly: ${message}` });
    }
  }
  return { commands, silent, failed };
}

interface Sinks {
  readonly commands: DecidedCommand[];
  readonly silent: LedgerRow[];
  readonly fail: (problem: MappingProblem) => void;
}

function decideOne(
  source: SourceChange,
  connection: CompiledConnection,
  { ledger, groups, occasion }: DecisionContext,
  { commands, silent, fail }: Sinks,
): void {
  const { change } = source;
  const previous = ledger.get(ledgerKey(connection.name, change.objectId)) ?? null;
  const evaluation = evaluate(change, connection, groups);
  // An evaluation reads what live changes brought before.
  const folds = source.folds && occasion.bulk !== true;
  const decision = decideCommand(previous, change, evaluation, connection, { ...occasion, folds });
  if (evaluation.kind === 'failed') {
    if (decision.kind === 'none' && decision.why === 'mapping-failed') fail(evaluation.problem);
    return;
  }
  if (decision.ledger === null) return;
  const row: LedgerRow = {
    spConnection: connection.name,
    objectId: change.objectId,
    dataStore: change.dataStore,
    objectType: change.objectType,
    entry: decision.ledger,
  };
  if (decision.kind === 'none') {
    if (decision.ledger !== previous) silent.push(row);
    return;
  }
  const unsealable = listOfMasked(decision.command);
  if (unsealable === undefined) commands.push({ connection, source, command: decision.command, ledger: row });
  else
    fail({
      channel: decision.command.channel,
      code: 'mapping.masked-list',
      path: unsealable,
      message: 'A masked attribute must have one single value.',
    });
}

/** The first masked path whose value is a list or an object: only single values can be sealed. */
function listOfMasked({ desired, masked }: PlannedCommand): string | undefined {
  return masked?.find((path) => {
    const value = desired.attributes?.[path];
    return typeof value === 'object' && !('generate' in value);
  });
}
