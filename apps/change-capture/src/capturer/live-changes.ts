import type { EntryStore, KnownEntry, NameStore } from '@provisor/persistence';
import type { ObjectSource, SourceItem, Touch } from '@provisor/provisioning';
import { dnKey, isAtOrBelow } from '../names/dn-key.js';
import { occurrenceOf, type CapturedObject, type UnreadableItem } from '../objects/captured-object.js';

export interface ResolvedChanges {
  readonly objects: readonly CapturedObject[];
  readonly unreadable: readonly UnreadableItem[];
  /** Known objects that are nowhere any more: looked for by name and by id. */
  readonly gone: readonly string[];
  /** When the latest of the changes occurred. */
  readonly at: CapturedObject['occurrence'];
}

/** Most known entries that are followed one by one after the rename or deletion of something above them. */
const MOST_AT_ONCE = 10_000;

interface Reading {
  readonly byId: Map<string, SourceItem & { kind: 'object' }>;
  readonly unreadable: UnreadableItem[];
}

/**
 * Finds out what the objects are now that a feed has pointed at. A touch is only a reason to look: the entry is read by its name, known
 * entries that are not there any more are looked up by id, and what is found nowhere is gone. A rename is followed to everything below
 * the new name, and whoever named a renamed or deleted object (groups, reports) is read again, since a directory that keeps such names
 * right need not log that.
 */
export class LiveChanges {
  private readonly source: ObjectSource;
  private readonly entries: EntryStore;
  private readonly names: NameStore;
  private readonly now: () => Date;

  constructor(o: { source: ObjectSource; entries: EntryStore; names: NameStore; now: () => Date }) {
    this.source = o.source;
    this.entries = o.entries;
    this.names = o.names;
    this.now = o.now;
  }

  /** Undefined when so much was moved at once that only a full comparison can follow in bounded memory. */
  async resolve(touches: readonly Touch[], signal: AbortSignal): Promise<ResolvedChanges | undefined> {
    const detectedAt = this.now();
    const [suspects, reading] = await Promise.all([this.knownAt(touches), this.read(touches, signal)]);
    if (suspects === undefined) return undefined;
    const gone = await this.confirm(suspects, reading, signal);
    const moved = this.movedAmong(suspects, reading);
    await this.rereadNamers([...gone, ...moved], reading, signal);

    const live = { detectedAt, snapshot: false };
    const reasons = new TouchIndex(touches);
    return {
      objects: [...reading.byId.values()].map(({ object }) => {
        const instants = reasons.of(object.objectId, dnKey(object.dn)).map((touch) => touch.at);
        return { object, occurrence: occurrenceOf([object.modifiedAt, ...instants], live) };
      }),
      unreadable: reading.unreadable,
      gone,
      at: occurrenceOf(
        touches.map((touch) => touch.at),
        live,
      ),
    };
  }

  /** Everything that is known under the names and ids of the touches, and below those that were renamed or deleted. */
  private async knownAt(touches: readonly Touch[]): Promise<KnownEntry[] | undefined> {
    const keys = new Set(
      touches.flatMap((touch) => [touch.dn, ...(touch.newDn === undefined ? [] : [touch.newDn])].map(dnKey)),
    );
    const ids = new Set(touches.map((touch) => touch.objectId).filter((id) => id !== undefined));
    const found = await this.entries.present({ keys: [...keys], ids: [...ids] });
    const whole = new Set(
      touches.filter(({ change }) => change === 'rename' || change === 'delete').map(({ dn }) => dnKey(dn)),
    );
    for (const key of whole) {
      found.push(...(await this.entries.presentBelow(key, MOST_AT_ONCE)));
      if (found.length >= MOST_AT_ONCE) return undefined;
    }
    return [...new Map(found.map((entry) => [entry.objectId, entry])).values()];
  }

  private async read(touches: readonly Touch[], signal: AbortSignal): Promise<Reading> {
    const reading: Reading = { byId: new Map(), unreadable: [] };
    for (const touch of touches) if (touch.item !== undefined) take(reading, [touch.item]);
    const open = touches.filter((touch) => touch.item === undefined);
    const below = new Set(open.filter(({ change }) => change === 'rename').map(({ dn, newDn }) => newDn ?? dn));
    const single = new Set(open.filter(({ change }) => change !== 'rename').map(({ dn }) => dn));
    take(reading, await this.source.readByDn([...single], signal));
    for (const dn of below) for await (const page of this.source.readBelow(dn, signal)) take(reading, page);
    return reading;
  }

  /** Looks known entries that were not met up by id; answers those that are not there. */
  private async confirm(suspects: readonly KnownEntry[], reading: Reading, signal: AbortSignal): Promise<string[]> {
    const missing = suspects.map(({ objectId }) => objectId).filter((id) => !reading.byId.has(id));
    if (missing.length === 0) return [];
    take(reading, await this.source.readById(missing, signal));
    return missing.filter((id) => !reading.byId.has(id));
  }

  private movedAmong(suspects: readonly KnownEntry[], reading: Reading): string[] {
    return suspects
      .filter(({ objectId, dnKey: key }) => {
        const found = reading.byId.get(objectId);
        return found !== undefined && dnKey(found.object.dn) !== key;
      })
      .map(({ objectId }) => objectId);
  }

  private async rereadNamers(ids: readonly string[], reading: Reading, signal: AbortSignal): Promise<void> {
    if (ids.length === 0) return;
    const goneIds = new Set(ids);
    const namers = await this.names.namingAnyOf(ids);
    const open = namers.map(({ objectId }) => objectId).filter((id) => !reading.byId.has(id) && !goneIds.has(id));
    if (open.length > 0) take(reading, await this.source.readById(open, signal));
  }
}

function take(reading: Reading, items: readonly SourceItem[]): void {
  for (const item of items)
    if (item.kind === 'object') reading.byId.set(item.object.objectId, item);
    else reading.unreadable.push(item);
}

/** Why an object was read: the touches that name it, or a name above it that was changed; all of them where none does. */
class TouchIndex {
  private readonly touches: readonly Touch[];
  private readonly byId: ReadonlyMap<string, Touch[]>;
  private readonly byKey: ReadonlyMap<string, Touch[]>;
  private readonly renames: readonly { readonly key: string; readonly touch: Touch }[];

  constructor(touches: readonly Touch[]) {
    this.touches = touches;
    this.byId = Map.groupBy(
      touches.filter(({ objectId }) => objectId !== undefined),
      ({ objectId }) => objectId ?? '',
    );
    this.byKey = Map.groupBy(touches, ({ dn }) => dnKey(dn));
    this.renames = touches
      .filter(({ change }) => change === 'rename')
      .map((touch) => ({ key: dnKey(touch.newDn ?? touch.dn), touch }));
  }

  of(objectId: string, key: string): readonly Touch[] {
    const above = this.renames.filter((rename) => isAtOrBelow(key, rename.key)).map(({ touch }) => touch);
    const reasons = [...(this.byId.get(objectId) ?? []), ...(this.byKey.get(key) ?? []), ...above];
    return reasons.length > 0 ? reasons : this.touches;
  }
}
