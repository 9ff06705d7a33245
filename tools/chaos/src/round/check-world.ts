import type { DirectoryContent } from '@provisor/demo';
import { checkAccounting, readTopics } from '../checker/accounting.js';
import { checkCanaries } from '../checker/canaries.js';
import { checkOrder } from '../checker/order.js';
import { checkState } from '../checker/state-checks.js';
import { checkIdleWrites } from '../checker/idle-writes.js';
import { checkForeign, checkRate, differences } from '../checker/target-checks.js';
import { excerpt, fewOfEach, type Violation } from '../checker/violation.js';
import { WITNESS, WITNESS_LIMIT, type World } from '../world/world.js';

/** Every invariant, over everything that happened in this world so far. */
export async function checkWorld(world: World, content: DirectoryContent): Promise<Violation[]> {
  const { installation, truth, tenants } = world;
  const topics = await readTopics(installation.kafka);
  const violations = [
    ...truthfulness(world, content),
    ...checkAccounting(topics),
    ...world.sampler.check(topics.commands),
    ...(await checkState(world.view, tenants)),
    ...(await checkCanaries({
      canaries: { ...installation.secrets, 'masked value': world.canary },
      logs: installation.dir,
      topics,
      services: installation.services.filter(({ running }) => running).map(({ url }) => url),
    })),
  ];
  for (const [spConnection, tenant] of tenants) {
    const { entries } = tenant.ledger;
    const foreign = world.foreign.get(spConnection) ?? new Map<string, string>();
    const differing = differences(content, tenant, foreign);
    violations.push(
      ...differing.map((what): Violation => ({ invariant: 'I1', spConnection, what })),
      ...checkForeign(spConnection, tenant, foreign),
      ...checkOrder({ spConnection, entries, truth }),
      ...checkIdleWrites(spConnection, entries, (from, until) =>
        installation.provider(spConnection).gate.wasBad(from, until),
      ),
      ...(spConnection === WITNESS ? checkRate(spConnection, entries, WITNESS_LIMIT) : []),
    );
  }
  return fewOfEach(violations).map((violation) => withLedger(world, violation));
}

/** The directory has what it acknowledged: otherwise the run itself is not to be trusted. */
function truthfulness({ truth }: World, { people }: DirectoryContent): Violation[] {
  const there = new Map(people.map((person) => [person.entryUuid, person]));
  const present = truth.present();
  const lost = present.filter(({ person }) => there.get(person.entryUuid)?.title !== person.title);
  if (lost.length === 0 && people.length === present.length) return [];
  throw new Error(
    `The directory lost what it had acknowledged: ${lost.length} people, ${people.length} of ${present.length} are there.`,
  );
}

/** The requests about an object, where the violation does not carry them yet. */
function withLedger(world: World, violation: Violation): Violation {
  const { spConnection, objectId, ledger } = violation;
  const tenant = spConnection === undefined ? undefined : world.tenants.get(spConnection);
  if (tenant === undefined || objectId === undefined || ledger !== undefined) return violation;
  const id = tenant.users.findBy('externalId', objectId)?.id ?? tenant.groups.findBy('externalId', objectId)?.id;
  const about = tenant.ledger.entries.filter(
    ({ key, path }) => key === objectId || (id !== undefined && key === id) || path.includes(objectId),
  );
  return { ...violation, ledger: excerpt(about) };
}
