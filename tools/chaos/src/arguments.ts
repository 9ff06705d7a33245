import { parseArgs } from 'node:util';

export interface ChaosArguments {
  /** Ids of faults; all of them where empty. */
  readonly faults: readonly string[];
  readonly quick: boolean;
  readonly seed: string | undefined;
  /** Rounds begin until so many minutes have passed; where absent, each fault has its `rounds`. */
  readonly minutes: number | undefined;
  readonly rounds: number;
  readonly users: number;
  readonly publish: boolean;
  readonly help: boolean;
}

export const HELP = `Hurts a whole installation while people come, change and go, and checks that nothing is lost, doubled, older or leaked.

npm run chaos -- [--fault F6[,F9]] [--quick] [--seed TEXT] [--minutes M] [--rounds N] [--users N] [--publish]

  --fault IDS   only these faults (default all)
  --quick       two faults in about a minute
  --seed TEXT   the same workload and faults as in the run that printed it
  --minutes M   faults chosen by chance until so many minutes have passed
  --rounds N    so often each fault (default 1)
  --users N     people at the beginning (default 120)
  --publish     write the table of runs into docs/reliability.md
  --help        this text

Everything is real: Kafka, PostgreSQL, an LDAP directory and the services as processes; the service providers are simulators that keep a
ledger of every request. Exit code 0 only if every invariant holds; otherwise the logs stay where the last lines say.
`;

/** @throws TypeError with a sentence for a person */
export function parseArguments(args: readonly string[], known: readonly string[]): ChaosArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      fault: { type: 'string', multiple: true, default: [] },
      quick: { type: 'boolean', default: false },
      seed: { type: 'string' },
      minutes: { type: 'string' },
      rounds: { type: 'string', default: '1' },
      users: { type: 'string', default: '120' },
      publish: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false, short: 'h' },
    },
  });
  const faults = values.fault.flatMap((text) => text.split(',')).map((id) => id.trim().toUpperCase());
  const unknown = faults.find((id) => !known.includes(id));
  if (unknown !== undefined) throw new TypeError(`There is no fault ${unknown}. There are ${known.join(', ')}.`);
  const { quick, seed, publish, help } = values;
  return {
    faults,
    quick,
    seed,
    publish,
    help,
    minutes: values.minutes === undefined ? undefined : positive('--minutes', values.minutes),
    rounds: Math.floor(positive('--rounds', values.rounds)),
    users: Math.floor(positive('--users', values.users)),
  };
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new TypeError(`${option} has to be a number above 0, not ${text}.`);
}

/** The command that does the same again. */
export function replayOf(args: ChaosArguments, seed: string): string {
  const more = [
    ...(args.faults.length > 0 ? [`--fault ${args.faults.join(',')}`] : []),
    ...(args.quick ? ['--quick'] : []),
    `--seed ${seed}`,
    ...(args.minutes === undefined ? [] : [`--minutes ${args.minutes}`]),
    ...(args.rounds === 1 ? [] : [`--rounds ${args.rounds}`]),
    ...(args.users === 120 ? [] : [`--users ${args.users}`]),
  ];
  return `npm run chaos -- ${more.join(' ')}`;
}
