import type { Version } from '@provisor/contracts';
import { MANAGER } from '../world/documents.js';
import type { Entry } from '../world/target.js';
import type { World } from '../world/world.js';

const isNewer = (a: Version, b: Version): boolean =>
  a.sequence > b.sequence || (a.sequence === b.sequence && a.config > b.config);
const text = (version: Version | undefined): string =>
  version === undefined ? 'no version' : `${version.sequence}.${version.config}`;

/** I3 to I6, from what service providers saw. */
export function checkLedger(world: World): void {
  const accepted = new Set(
    world.records().map(({ command }) => `${command.spConnection}\n${command.objectId}\n${text(command.version)}`),
  );
  const byObject = Map.groupBy(
    world.ledger.filter((entry) => entry.objectId !== '' && entry.at !== undefined),
    (entry) => `${entry.connection} ${entry.objectId}`,
  );
  for (const [who, entries] of byObject) {
    entries.sort((a, b) => (a.at ?? 0) - (b.at ?? 0));
    checkOrder(world, who, entries);
    checkOverlap(world, who, entries);
    checkLives(world, who, entries);
    checkRefusals(world, who, entries);
    for (const entry of entries)
      if (entry.effect !== 'none' && !accepted.has(`${entry.connection}\n${entry.objectId}\n${text(entry.version)}`))
        world.violate('I6', `${who} was written for version ${text(entry.version)}, which nobody asked for.`);
  }
}

function checkOrder(world: World, who: string, entries: readonly Entry[]): void {
  let newest: Version | undefined;
  let closed: Version | undefined;
  for (const entry of entries) {
    if (entry.effect === 'none' || entry.version === undefined) continue;
    if (newest !== undefined && isNewer(newest, entry.version))
      world.violate('I3', `${who}: version ${text(entry.version)} was written after ${text(newest)}.`);
    newest = entry.version;
    if (entry.opens && closed !== undefined && !isNewer(entry.version, closed))
      world.violate('I5', `${who}: version ${text(entry.version)} opened what ${text(closed)} had closed.`);
    if (entry.closes) closed = entry.version;
  }
}

/** From being sent to having its effect, or its answer if that came. */
function checkOverlap(world: World, who: string, entries: readonly Entry[]): void {
  const sorted = [...entries].sort((a, b) => a.sentAt - b.sentAt);
  let before: Entry | undefined;
  for (const entry of sorted) {
    const busyUntil = before === undefined ? 0 : endOf(world, before, entry);
    if (before !== undefined && entry.sentAt < busyUntil)
      world.violate('I3', `${who}: a ${entry.kind} was sent while a ${before.kind} was under way.`);
    before = entry;
  }
}

/** A process that is gone hears no answer; what it has sent is over when it has had its effect. */
const endOf = (_: World, before: Entry, next: Entry): number =>
  before.process === next.process ? (before.ended ?? before.at ?? 0) : (before.at ?? 0);

function checkLives(world: World, who: string, entries: readonly Entry[]): void {
  const creates = entries.filter((entry) => entry.kind === 'create' && entry.effect === 'changed').length;
  const [connection = '', objectId = ''] = who.split(' ');
  const ended = world.lossesOf(connection, objectId).length;
  if (creates > 1 + ended) world.violate('I4', `${who} was created ${creates} times in ${1 + ended} lives.`);
}

/** What was refused for good is not asked for again, unless somebody wants it otherwise. A create goes on without its references. */
function checkRefusals(world: World, who: string, entries: readonly Entry[]): void {
  const again = world.triedAgain.has(who.replace(' ', '\n'));
  for (const refused of again
    ? []
    : entries.filter((entry) => entry.refused && entry.ended !== undefined && isForState(entry))) {
    const repeated = entries.find(
      (entry) =>
        entry.process === refused.process &&
        entry.kind === refused.kind &&
        isForState(entry) &&
        entry.paths.includes(MANAGER) === refused.paths.includes(MANAGER) &&
        entry.sentAt > (refused.ended ?? 0) + REFUSED_MS &&
        text(entry.version) === text(refused.version),
    );
    if (repeated === undefined) continue;
    world.violate('I8', `${who}: version ${text(refused.version)} was refused, and was sent again.`);
    return;
  }
}

/** References are sent by updates of their own. */
const isForState = ({ kind, written }: Entry): boolean => kind !== 'update' || Object.keys(written).length > 0;

/** The attempt that was refused may go on for so long. */
const REFUSED_MS = 400;
