import { dispatcherGroup } from '@provisor/contracts';
import { Profile } from '../profile/profile.js';
import type { Rig } from '../rig/rig.js';
import type { Benchmark, Form, Outcome } from '../suite/benchmark.js';
import { atLeast, exactly, figure } from '../suite/measured.js';
import { DirectoryChanges } from '../workload/directory-changes.js';
import { UNMAPPED } from '../workload/documents.js';
import { loadedRig, SP_CONNECTION, untilQuiet } from '../workload/loaded-rig.js';
import { people } from '../workload/people.js';
import { replayTopic } from '../workload/replay-topic.js';

const SIZES: Readonly<Record<Form, { users: number; rounds: number; unmapped: number }>> = {
  smoke: { users: 60, rounds: 2, unmapped: 20 },
  quick: { users: 5_000, rounds: 10, unmapped: 2_000 },
  full: { users: 100_000, rounds: 3, unmapped: 100_000 },
};
const CHANGES = 'identity.changes.v1';
const COMMANDS = 'provisioning.commands.scim.v1';

/** What would change nothing costs no request: a replay of everybody, and changes of an attribute that nobody maps. */
export const b14NoOpSuppression: Benchmark = {
  id: 'B14',
  title: 'No-op suppression',
  goal: '0 requests for unchanged people and unmapped attributes; ≥ 20,000 events/s skipped',
  async run(context): Promise<Outcome> {
    const { users, rounds, unmapped } = SIZES[context.form];
    const everybody = people(users, context.seed);
    const profile = Profile.of('B14', context);
    const rig = await loadedRig(context, { name: 'b14', people: everybody, profileDir: profile?.dir });
    const { screen } = context;
    try {
      await rig.target.clear(SP_CONNECTION);
      await profile?.begin(rig);
      const changes = await screen.step(`Replay of ${users} identity changes, ${rounds} times`, () =>
        skipped(rig, { service: 'mapping', group: 'provisor.mapping', topic: CHANGES, rounds }),
      );
      const afterChanges = await objectRequests(rig);
      const commandRounds = Math.ceil(rounds / 5);
      const commands = await screen.step(`Replay of ${users} commands, ${commandRounds} times`, () =>
        skipped(rig, {
          service: 'dispatcher',
          group: dispatcherGroup('scim'),
          topic: COMMANDS,
          rounds: commandRounds,
        }),
      );
      await profile?.end(rig, users * rounds);
      const afterCommands = await objectRequests(rig);
      const before = await commandsSoFar(rig);
      await screen.step(`${unmapped} changes of an attribute that is not mapped`, async () => {
        const directory = await DirectoryChanges.connect(rig.directory);
        await Promise.all(
          everybody
            .slice(0, unmapped)
            .map(({ dn }, index) => directory.replace(index, dn, { [UNMAPPED]: `n ${index}` })),
        );
        await directory.close();
        await rig.until(
          'the changes are captured',
          async () => (await endOf(rig, CHANGES)) >= BigInt(users * (rounds + 1) + unmapped),
          120_000 + unmapped * 10,
        );
        await untilQuiet(rig);
      });
      const all = await objectRequests(rig);
      return {
        settings: { users, rounds, unmapped },
        figures: [
          figure('identity changes skipped by mapping', 'events/s', changes),
          figure('commands skipped by the dispatcher', 'events/s', commands),
          figure('commands for unmapped changes', '', Number((await commandsSoFar(rig)) - before)),
        ],
        goals: [
          exactly('requests after a replay of all changes', 0, afterChanges),
          exactly('requests after a replay of all commands', 0, afterCommands - afterChanges),
          exactly('requests for changes of an unmapped attribute', 0, all - afterCommands),
          atLeast('identity changes skipped', 20_000, changes, 'events/s'),
        ],
        violations: [],
        notes: [
          'The service is stopped, the topic is written again with the same records, and the service is started: the rate is that between its first and its last commit.',
          'What is asked of the service provider about itself at a start is no request about anybody and is not counted.',
        ],
      };
    } finally {
      await rig.close();
      await profile?.write();
    }
  },
};

/** Events per second that a service reads without anything coming of them. */
async function skipped(
  rig: Rig,
  o: { service: 'mapping' | 'dispatcher'; group: string; topic: string; rounds: number },
): Promise<number> {
  await rig.service(o.service).stop();
  await replayTopic(rig, o.topic, o.rounds);
  const behind = async (): Promise<bigint> =>
    (await rig.kafka.admin().lag(o.group, [o.topic])).reduce((sum, { lag }) => sum + lag, 0n);
  const total = await behind();
  await rig.service(o.service).launch();
  const seen: { at: number; left: bigint }[] = [];
  await rig.until(
    `${o.service} has read the replay`,
    async () => {
      seen.push({ at: performance.now(), left: await behind() });
      return seen.at(-1)?.left === 0n;
    },
    300_000,
    20,
  );
  // Reading begins somewhere between the last look without progress and the next one: the former counts.
  const first = seen.findLastIndex(({ left }) => left === total);
  const [from, to] = [seen[Math.max(0, first)], seen.at(-1)];
  await rig.service(o.service).untilReady();
  await untilQuiet(rig);
  return from === undefined || to === undefined ? Number.NaN : (Number(from.left - to.left) / (to.at - from.at)) * 1000;
}

/** Requests about users and groups, reads included. */
async function objectRequests(rig: Rig): Promise<number> {
  const ledger = await rig.target.ledger(SP_CONNECTION);
  return ledger.filter(({ path }) => /^\/(Users|Groups)/.test(path)).length;
}

async function endOf(rig: Rig, topic: string): Promise<bigint> {
  return (await rig.kafka.admin().offsets(topic)).reduce((sum, { end }) => sum + end, 0n);
}

const commandsSoFar = (rig: Rig): Promise<bigint> => endOf(rig, COMMANDS);
