import { until } from '@provisor/testing';
import type { Fault, FaultContext } from './fault.js';

const WAYS: readonly (readonly [string, (context: FaultContext) => Promise<void>])[] = [
  ['restarted with a change log that begins anew', restarted],
  ['replaced by another one with the same entries', replaced],
  ['cut off in the middle of a full read', cutOff],
  ['with a size limit', (context) => lacking(context, { maxSizeLimit: 50 })],
  ['without a part of its entries', (context) => lacking(context, { share: 0.6 })],
];

export const troubledDirectory: Fault = {
  id: 'F12',
  title: 'directory: restart, position lost, connection drop in a full read, size limit, entries that vanish',
  heals: 'the entries are all there again, and a full comparison is asked for',
  convergeWithinMs: 120_000,
  async inject(context) {
    const { world } = context;
    const [name, way] = context.random.pick(WAYS);
    await world.generator.without(async () => {
      const before = deletions(context);
      await world.configure({}, FEW);
      await way(context);
      // What was deleted before may still be on its way, but nobody else may go.
      const most = [...world.truth.people.values()].filter(({ deleted }) => deleted).length;
      context.expect(
        deletions(context) <= Math.max(before, most),
        'I1',
        `The directory was ${name}, and accounts were deleted that nobody had removed.`,
      );
      await until('the data store is trusted', async () => (await state(context)) === 'live', { withinMs: 90_000 });
      await world.configure();
    });
    context.say(`directory ${name}`);
  },
};

/** Objects that the source may lack and still be believed. */
const FEW = 5;

const state = async ({ world }: FaultContext): Promise<string> => (await world.installation.dataStoreStatus()).state;

const deletions = ({ world }: FaultContext): number =>
  world.victim.ledger.effects('deleted').filter(({ path }) => path.startsWith('/Users')).length;

async function restarted({ world }: FaultContext): Promise<void> {
  await world.installation.directory.restart();
}

async function replaced({ world }: FaultContext): Promise<void> {
  await world.installation.directory.startWith(world.truth.organisation());
}

async function cutOff(context: FaultContext): Promise<void> {
  const { world, random } = context;
  const { directory } = world.installation;
  directory.gate.poison({ limitBytes: 5_000 + random.below(60_000) });
  await world.compareSource();
  await context.wait(2_000, 6_000);
  directory.gate.poison({});
  await world.compareSource();
}

/** Answers that lack entries: whoever is missing must not lose the account. */
async function lacking(
  context: FaultContext,
  o: { readonly maxSizeLimit?: number; readonly share?: number },
): Promise<void> {
  const { world, random } = context;
  const { directory } = world.installation;
  const whole = world.truth.organisation();
  const people = random.sample(whole.people, Math.ceil(whole.people.length * (o.share ?? 1)));
  const { maxSizeLimit } = o;
  await directory.startWith({ ...whole, people }, maxSizeLimit === undefined ? {} : { maxSizeLimit });
  await world.compareSource();
  await until('the data store is suspect', async () => (await state(context)) === 'suspect', { withinMs: 60_000 });
  await context.wait(1_000, 3_000);
  await directory.startWith(whole);
  await world.compareSource();
}
