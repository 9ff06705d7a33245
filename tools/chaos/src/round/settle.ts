import { provisioningCommands, identityChanges, provisioningResults } from '@provisor/contracts';
import type { DirectoryContent } from '@provisor/demo';
import { NotInTime, until } from '@provisor/testing';
import { differences } from '../checker/target-checks.js';
import type { Violation } from '../checker/violation.js';
import type { World } from '../world/world.js';

const LAGS: readonly (readonly [string, string])[] = [
  ['provisor.mapping', identityChanges.name],
  ['provisor.dispatcher.scim', provisioningCommands('scim').name],
  ['provisor.admin', provisioningResults.name],
];

/** After this time it is said what is waited for. */
const IMPATIENT_MS = 20_000;

export interface Settled {
  readonly content: DirectoryContent;
  readonly tookMs: number;
  /** Set where it did not come about in time. */
  readonly violation?: Violation;
}

/** Waits until nobody has anything to do any more and every service provider has what the directory says. */
export async function settle(
  world: World,
  withinMs: number,
  say: (text: string) => void = () => undefined,
): Promise<Settled> {
  const began = performance.now();
  const content = await world.installation.directory.content();
  const took = (): number => performance.now() - began;
  const impatient = setTimeout(() => {
    void whyNot(world, content).then((lines) => say(['not settled yet', ...lines.slice(0, 12)].join('\n    ')), String);
  }, IMPATIENT_MS);
  try {
    const explain = async (): Promise<string> => (await whyNot(world, content)).join('\n');
    await until('everything has settled', () => isSettled(world, content), { withinMs, everyMs: 100, explain });
    return { content, tookMs: took() };
  } catch (error) {
    if (!(error instanceof NotInTime)) throw error;
    return { content, tookMs: took(), violation: { invariant: 'I1', what: error.message } };
  } finally {
    clearTimeout(impatient);
  }
}

/** The cheap questions first: this is asked ten times a second. */
async function isSettled(world: World, content: DirectoryContent): Promise<boolean> {
  for (const [name, tenant] of world.tenants)
    if (differences(content, tenant, world.foreign.get(name) ?? new Map()).length > 0) return false;
  const open = await world.view.openWork();
  if (open.pending + open.edges + open.outbox + open.captured > 0) return false;
  return (await lagging(world)).length === 0;
}

async function lagging(world: World): Promise<string[]> {
  const admin = world.installation.kafka.admin();
  const perGroup = await Promise.all(
    LAGS.map(async ([group, topic]) => {
      const lags = await admin.lag(group, [topic]);
      const behind = lags.reduce((sum, { lag }) => sum + Number(lag), 0);
      return behind === 0 ? [] : [`${group} is ${behind} records behind`];
    }),
  );
  return perGroup.flat();
}

async function whyNot(world: World, content: DirectoryContent): Promise<string[]> {
  const said = [...world.tenants].flatMap(([name, tenant]) => {
    const found = differences(content, tenant, world.foreign.get(name) ?? new Map());
    return found.length === 0 ? [] : [`${name}: ${found.length} differences`, ...found.slice(0, 10)];
  });
  const open = await world.view.openWork().then(JSON.stringify, String);
  const stuck = (await world.view.targetObjects().catch(() => []))
    .filter(({ state }) => state !== 'done' && state !== 'skipped')
    .map((row) => `${row.spConnection} ${row.objectId} is ${row.state}: ${JSON.stringify(row.lastOutcome)}`);
  const lag = await lagging(world).catch((error: unknown) => [String(error)]);
  return [...said, open, ...stuck.slice(0, 10), ...lag];
}
