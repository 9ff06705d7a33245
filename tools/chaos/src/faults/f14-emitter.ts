import { encodeRecord, identityChanges, readConfiguration, type IdentityChange } from '@provisor/contracts';
import type { Random } from '@provisor/demo';
import { until } from '@provisor/testing';
import { emitterDocuments, EMITTER } from '../world/documents.js';
import { EMITTED, type World } from '../world/world.js';
import type { Fault, FaultContext } from './fault.js';

const PEOPLE = 15;
const MOST_VERSIONS = 10;
/** Numbers that are left out between two versions at most. */
const WIDEST_GAP = 5;
const HOUR_MS = 3_600_000;
/** So far may a record be from its place. */
const DISPLACED = 8;
const SETTLES_MS = 90_000;

/**
 * Somebody who emits identity changes and is not to be relied on. There is no intake of Provisor's own yet: the records go to where it
 * would put them, so what is hurt is everything behind it; that a gap raises a resync is not tested.
 */
export const unreliableEmitter: Fault = {
  id: 'F14',
  title:
    'emitter: duplicates, reordered, gaps in the sequence, everything again with dates a day old, clock an hour off',
  heals: 'nothing: the records stay',
  async inject(context) {
    const { world, random } = context;
    await configure(world);
    const round = `e${random.below(1_000_000)}`;
    const history = Array.from({ length: PEOPLE }, (_, index) => lifeOf(random, `${round}-${index}`)).flat();
    const newest = new Map(history.map((change) => [change.objectId, change]));
    await emit(context, disordered(random, history), () => (random.below(3) - 1) * HOUR_MS);
    await until('what was emitted last is there', () => differences(world, newest).length === 0, {
      withinMs: SETTLES_MS,
      explain: () => Promise.resolve(differences(world, newest).join('\n')),
    });
    const before = writes(world);
    await emit(context, random.sample(history, history.length), () => -24 * HOUR_MS);
    // The last record of each partition has been mapped when what follows it has.
    const marker = lifeOf(random, `${round}-last`).slice(0, 1);
    await emit(context, marker, () => 0);
    await until('what follows is there', () => accountOf(world, `${round}-last`) !== undefined, {
      withinMs: SETTLES_MS,
    });
    await context.wait(1_000, 2_000);
    check(context, newest, writes(world) - before - 1);
    context.say(
      `${history.length} versions of ${PEOPLE} people, each up to three times, and all of them again a day late`,
    );
  },
};

async function configure({ installation }: World): Promise<void> {
  const { baseUrl } = installation.provider(EMITTED);
  const { url, bindDn } = installation.directory;
  const { documents, problems } = readConfiguration(emitterDocuments({ name: EMITTED, baseUrl, url, bindDn }));
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  await installation.admin.applyDocuments({ body: { documents } });
}

/** All states of one person, oldest first; one in four leaves in the end. */
function lifeOf(random: Random, objectId: string): IdentityChange[] {
  let sequence = 0;
  const versions = 2 + random.below(MOST_VERSIONS - 1);
  const leaves = random.chance(0.25);
  return Array.from({ length: versions }, (_, at) => {
    sequence += 1 + random.below(WIDEST_GAP);
    const now = new Date().toISOString();
    const when = { occurredAt: now, capturedAt: now };
    const common = { dataStore: EMITTER, objectId, objectType: 'user' as const, sequence, ...when };
    if (leaves && at === versions - 1) return { ...common, state: 'deleted' as const };
    return {
      ...common,
      state: 'present' as const,
      enabled: random.chance(0.8),
      attributes: { uid: [objectId], sn: [`Name ${sequence}`], title: [`r${sequence}`] },
    };
  });
}

/** Each change once to three times, not far from its place. */
function disordered(random: Random, history: readonly IdentityChange[]): IdentityChange[] {
  return history
    .flatMap((change, at) =>
      Array.from({ length: 1 + random.below(3) }, () => ({ change, place: at + random.below(DISPLACED) })),
    )
    .sort((a, b) => a.place - b.place)
    .map(({ change }) => change);
}

async function emit(
  { world, random }: FaultContext,
  changes: readonly IdentityChange[],
  clock: () => number,
): Promise<void> {
  const producer = await world.installation.kafka.producer();
  const told = changes.map((change) => {
    const at = new Date(Date.parse(change.occurredAt) + clock());
    const said = { ...change, occurredAt: at.toISOString(), capturedAt: at.toISOString() };
    const id = `${change.dataStore}:${change.objectId}:${change.sequence}`;
    return {
      topic: identityChanges.name,
      ...encodeRecord(identityChanges, said, { id, source: '/emitter', time: at }),
    };
  });
  for (let from = 0; from < told.length;) {
    const size = 1 + random.below(20);
    await producer.send(told.slice(from, from + size));
    from += size;
  }
}

const accountOf = (world: World, objectId: string): Record<string, unknown> | undefined =>
  world.installation.provider(EMITTED).tenant.user(objectId);

const writes = (world: World): number =>
  world.installation.provider(EMITTED).tenant.ledger.entries.filter(({ method }) => method !== 'GET').length;

function differences(world: World, newest: ReadonlyMap<string, IdentityChange>): string[] {
  return [...newest.values()].flatMap(({ objectId, state, enabled, attributes }) => {
    const account = accountOf(world, objectId);
    if (state === 'deleted') return account === undefined ? [] : [`${objectId} should be gone`];
    const wanted = JSON.stringify([attributes?.['title']?.[0], enabled]);
    const is = JSON.stringify([account?.['title'], account?.['active']]);
    return wanted === is ? [] : [`${objectId} is ${is}, should be ${wanted}`];
  });
}

function check(context: FaultContext, newest: ReadonlyMap<string, IdentityChange>, again: number): void {
  const { world } = context;
  const wrong = differences(world, newest);
  context.expect(wrong.length === 0, 'I5', `What is old came back: ${wrong.slice(0, 5).join('; ')}.`);
  context.expect(again === 0, 'I7', `${again} writes were sent for what was told a day late.`);
  const { ledger } = world.installation.provider(EMITTED).tenant;
  const twice = [...ledger.createsPerKey()].filter(([, count]) => count > 1).map(([key]) => key);
  context.expect(twice.length === 0, 'I4', `More than one account was made for ${twice.slice(0, 5).join(', ')}.`);
  const backwards = [...titlesWritten(ledger.entries)].filter(([, titles]) =>
    titles.some((title, at) => title < (titles[at - 1] ?? 0)),
  );
  context.expect(
    backwards.length === 0,
    'I3',
    `Older states were written after newer ones: ${JSON.stringify(backwards[0])}.`,
  );
}

/** The sequences that were written, by account. */
function titlesWritten(
  entries: readonly {
    readonly method: string;
    readonly key: string;
    readonly createdId?: string;
    readonly body?: string;
  }[],
): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const { method, key, createdId = key, body = '' } of entries) {
    const title = /"r(\d+)"/.exec(body)?.[1];
    if (method === 'GET' || title === undefined) continue;
    found.set(createdId, [...(found.get(createdId) ?? []), Number(title)]);
  }
  return found;
}
