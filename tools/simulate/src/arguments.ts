import { parseArgs } from 'node:util';

export interface SimulateArguments {
  readonly seeds: number;
  /** First seed. */
  readonly seed: number;
  readonly json: boolean;
  /** Shows everything that happens; for one seed. */
  readonly trace: boolean;
  readonly shrink: boolean;
  readonly help: boolean;
}

export const HELP = `npm run simulate -- [--seeds N] [--seed S] [--json] [--trace] [--no-shrink]

Lets the dispatcher's real engine run in virtual time against a database, a topic and service providers in memory, with faults
that follow from a seed, and checks what must hold. A seed that fails is printed with the command that repeats it.

  --seeds N     so many seeds (1000; with --seed: 1)
  --seed S      the first seed (1)
  --json        one JSON document instead of words
  --trace       everything that happens, line by line; for one seed
  --no-shrink   do not look for the smallest list of operations and faults that still fails
`;

/** Throws with words for the person who typed it. */
export function readArguments(args: readonly string[]): SimulateArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string' },
      seed: { type: 'string' },
      json: { type: 'boolean', default: false },
      trace: { type: 'boolean', default: false },
      'no-shrink': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    seeds: whole('--seeds', values.seeds ?? (values.seed === undefined ? '1000' : '1')),
    seed: whole('--seed', values.seed ?? '1'),
    json: values.json,
    trace: values.trace,
    shrink: !values['no-shrink'],
    help: values.help,
  };
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${name} takes a whole number from 1, not ${text}.`);
  return value;
}
