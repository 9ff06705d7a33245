import type { DesiredState, Lane, ProvisioningCommand, Version } from '@provisor/contracts';
import { keyOf, laneIndex, type TargetObject } from './target-object.js';

/** A command with where it stood on its topic. */
export interface IngestedCommand {
  readonly command: ProvisioningCommand;
  readonly offset: number;
  readonly traceparent?: string;
}

/** A version that another one took over before it had a terminal result. */
export interface SupersededVersion {
  readonly object: Pick<
    TargetObject,
    'spConnection' | 'objectId' | 'objectType' | 'channel' | 'label' | 'lane' | 'reason' | 'traceparent'
  >;
  readonly version: Version;
  readonly by: Version;
  readonly occurredAt: number;
  readonly mappedAt: number;
  /** Where the version stood: a held one releases its hold. */
  readonly wasHeld: boolean;
}

/** A row together with the offset of the newest command that it has taken in. */
export interface KnownObject {
  readonly object: TargetObject;
  readonly sourceOffset: number;
}

export interface Folded {
  /** New states of the objects that a newer version reached, one per object. */
  readonly changed: readonly KnownObject[];
  /** The winning command of each changed object, for its memberships and references. */
  readonly winners: readonly IngestedCommand[];
  readonly superseded: readonly SupersededVersion[];
  /** How many of the superseded versions never stood in a row, by SP connection: overtaken within the batch, or late. */
  readonly passing: ReadonlyMap<string, number>;
  /** Objects that keep their state, whose newest command is another one now: a late one. */
  readonly seen: readonly KnownObject[];
  /** Commands that had been taken in before: a replay, which changes nothing and has its results already. */
  readonly replayed: number;
}

const isNewer = (a: Version, b: Version): boolean =>
  a.sequence > b.sequence || (a.sequence === b.sequence && a.config > b.config);

/**
 * Takes commands in the order of their topic into what is known: the newer version wins, and every other version that had no
 * terminal result yet is superseded exactly once. A command at or before the offset that its object has seen is a replay.
 */
export function foldCommands(
  known: ReadonlyMap<string, KnownObject>,
  commands: readonly IngestedCommand[],
  now: number,
): Folded {
  const current = new Map(known);
  const winners = new Map<string, IngestedCommand>();
  const superseded: SupersededVersion[] = [];
  const passing = new Map<string, number>();
  const passes = (name: string): void => void passing.set(name, (passing.get(name) ?? 0) + 1);
  const late = new Set<string>();
  let replayed = 0;
  for (const ingested of commands) {
    const { command } = ingested;
    const key = keyOf(command);
    const before = current.get(key);
    if (before === undefined || isNewer(command.version, before.object.version)) {
      if (before !== undefined && isOpen(before.object)) superseded.push(takenOver(before.object, command.version));
      if (winners.has(key)) passes(command.spConnection);
      current.set(key, { object: takeOver(before?.object, ingested, now), sourceOffset: ingested.offset });
      winners.set(key, mergeEdges(winners.get(key), ingested));
    } else if (ingested.offset <= before.sourceOffset || !isNewer(before.object.version, command.version)) {
      replayed += 1;
    } else {
      superseded.push(cameLate(ingested, before.object.version));
      passes(command.spConnection);
      // Read again, it is a replay.
      current.set(key, { ...before, sourceOffset: ingested.offset });
      late.add(key);
    }
  }
  const changed = [...winners.keys()].map((key) => current.get(key)).filter((row) => row !== undefined);
  const seen = [...late].filter((key) => !winners.has(key)).flatMap((key) => current.get(key) ?? []);
  return { changed, winners: [...winners.values()], superseded, passing, seen, replayed };
}

/** Has this version no terminal result yet? */
const isOpen = (object: TargetObject): boolean => object.state === 'pending' || object.state === 'held';

/** A field that the newer command leaves open says nothing: what an earlier one of the batch desired stays desired. */
function mergeEdges(earlier: IngestedCommand | undefined, later: IngestedCommand): IngestedCommand {
  if (earlier === undefined) return later;
  const before = earlier.command.desired;
  const desired: DesiredState = {
    ...later.command.desired,
    ...(later.command.desired.memberOf === undefined && before.memberOf !== undefined
      ? { memberOf: before.memberOf }
      : {}),
    ...(later.command.desired.references === undefined && before.references !== undefined
      ? { references: before.references }
      : {}),
  };
  return { ...later, command: { ...later.command, desired } };
}

/** What a first command finds: nothing at the target, nothing tried. */
const UNTOUCHED = {
  label: null,
  createOnly: [],
  masked: [],
  createIntended: false,
  applied: null,
  targetId: null,
  targetVersion: null,
  removedVersion: null,
  lastOutcome: null,
} as const;

function takeOver(before: TargetObject | undefined, ingested: IngestedCommand, now: number): TargetObject {
  const { command, traceparent = null } = ingested;
  const kept = before ?? { ...UNTOUCHED, desired: { attributes: undefined } };
  const attributes = command.desired.attributes ?? kept.desired.attributes;
  return {
    spConnection: command.spConnection,
    objectId: command.objectId,
    dataStore: command.dataStore,
    objectType: command.objectType,
    channel: command.channel,
    label: command.label ?? kept.label,
    lane: laneOf(before, command),
    version: command.version,
    desired: { presence: command.desired.presence, ...(attributes === undefined ? {} : { attributes }) },
    createOnly: command.createOnly ?? kept.createOnly,
    masked: command.masked ?? kept.masked,
    reason: command.reason,
    traceparent,
    state: 'pending',
    createIntended: kept.createIntended,
    holdReleased: false,
    applied: kept.applied,
    targetId: kept.targetId,
    targetVersion: kept.targetVersion,
    removedVersion: kept.removedVersion,
    attempt: 0,
    failures: 0,
    firstAttemptAt: null,
    nextAttemptAt: now,
    lastOutcome: kept.lastOutcome,
    occurredAt: Date.parse(command.occurredAt),
    mappedAt: Date.parse(command.mappedAt),
  };
}

/** Whoever has an account and is to have it no more goes first, whatever the command says; what is urgent already stays so. */
function laneOf(before: TargetObject | undefined, command: ProvisioningCommand): Lane {
  if (before?.applied?.presence === 'active' && command.desired.presence !== 'active') return 'leaver';
  return before?.state === 'pending' ? moreUrgent(before.lane, command.lane) : command.lane;
}

const moreUrgent = (a: Lane, b: Lane): Lane => (laneIndex(a) <= laneIndex(b) ? a : b);

const takenOver = (object: TargetObject, by: Version): SupersededVersion => ({
  object,
  version: object.version,
  by,
  occurredAt: object.occurredAt,
  mappedAt: object.mappedAt,
  wasHeld: object.state === 'held',
});

const cameLate = ({ command, traceparent }: IngestedCommand, by: Version): SupersededVersion => ({
  object: { ...command, label: command.label ?? null, traceparent: traceparent ?? null },
  version: command.version,
  by,
  occurredAt: Date.parse(command.occurredAt),
  mappedAt: Date.parse(command.mappedAt),
  wasHeld: false,
});
