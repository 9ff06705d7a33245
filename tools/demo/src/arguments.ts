import { parseArgs } from 'node:util';

export const SERVICE_PROVIDERS = ['better-auth', 'scimmy', 'simulator'] as const;
export type ServiceProviderName = (typeof SERVICE_PROVIDERS)[number];

export interface DemoArguments {
  readonly users: number;
  readonly seed: string;
  readonly serviceProvider: ServiceProviderName;
  /** End by itself, with the verdict as exit code and as last line. */
  readonly once: boolean;
  /** Stay up after `once`'s checks, until Ctrl-C. */
  readonly keep: boolean;
  /** Forget what an earlier demo left. */
  readonly fresh: boolean;
  readonly dir: string;
  readonly port: number | undefined;
  readonly help: boolean;
}

export const HELP = `Shows Provisor at work: a directory, a broker, a database, a service provider and Provisor, all on this machine.

npm run demo -- [--once [--keep]] [--users N] [--service-provider NAME] [--seed TEXT] [--fresh] [--dir DIR] [--port N]

  --once       end after the checks; exit code 0 only if the service provider has exactly what the directory says;
               the last line is one JSON object with the figures
  --keep       with --once: leave everything running after the checks, until Ctrl-C
  --users N    people in the generated organisation (default 1000; 20000 works)
  --seed TEXT  another organisation (default "provisor")
  --service-provider NAME
               better-auth (default: Better Auth with its storage in PostgreSQL, some 70 creates a second), scimmy
               (SCIMMY in memory, some 800 a second) or simulator (the one that Provisor is tested with, the fastest);
               the latter two forget everything at their end, so each start begins anew
  --fresh      start anew instead of going on with the data of the last demo
  --dir DIR    where everything lies (default .provisor/demo)
  --port N     port of the admin API (default 3000, or a free one if that is taken)
  --help       this text
`;

/** @throws TypeError with a sentence for a person */
export function parseArguments(args: readonly string[]): DemoArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      once: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      users: { type: 'string', default: '1000' },
      seed: { type: 'string', default: 'provisor' },
      'service-provider': { type: 'string', default: 'better-auth' },
      fresh: { type: 'boolean', default: false },
      dir: { type: 'string', default: '.provisor/demo' },
      port: { type: 'string' },
      help: { type: 'boolean', default: false, short: 'h' },
    },
  });
  const { once, keep, seed, fresh, dir, help } = values;
  const port = values.port === undefined ? undefined : wholeNumber('--port', values.port, 65_535);
  const serviceProvider = oneOf('--service-provider', values['service-provider'], SERVICE_PROVIDERS);
  return {
    once,
    keep,
    seed,
    serviceProvider,
    fresh,
    dir,
    port,
    help,
    users: wholeNumber('--users', values.users, 200_000),
  };
}

function wholeNumber(option: string, text: string, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new TypeError(`${option} has to be a whole number from 1 to ${most}, not ${text}.`);
}

function oneOf<T extends string>(option: string, text: string, names: readonly T[]): T {
  const found = names.find((name) => name === text);
  if (found !== undefined) return found;
  throw new TypeError(`${option} has to be one of ${names.join(', ')}, not ${text}.`);
}
