import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { MUTANTS, type Mutant } from './mutants.js';
import type { MutantAnswer } from './one-mutant.js';

const HELP = `npm run simulate:mutants -- [--seeds N] [--only NAME] [--json]

Plants one bug after the other into the engine, the core or the tables of the simulation, and runs seeds until one fails. Every
mutant must be caught.

  --seeds N     seeds that are tried at most for each mutant (8000)
  --only NAME   one mutant
  --json        one JSON document instead of words
`;

interface Judged {
  readonly mutant: Mutant;
  readonly answer: MutantAnswer;
}

const run = promisify(execFile);
const child = fileURLToPath(new URL('./one-mutant.js', import.meta.url));

async function judge(mutant: Mutant, seeds: string): Promise<Judged> {
  const { stdout } = await run(process.execPath, [child, mutant.name, seeds], { maxBuffer: 1e8 });
  return { mutant, answer: JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as MutantAnswer };
}

function told({ mutant, answer }: Judged): string {
  const { caught, problem, seeds } = answer;
  if (problem !== undefined) return `BROKEN  ${mutant.name}: ${problem}`;
  if (caught === undefined) return `MISSED  ${mutant.name} in ${seeds} seeds: ${mutant.bug}`;
  return `caught  ${mutant.name} by seed ${caught.seed}: ${caught.invariant} ${caught.message.slice(0, 120)}`;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '8000' },
      only: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const waiting = MUTANTS.filter(({ name }) => values.only === undefined || name === values.only);
  if (waiting.length === 0) {
    process.stderr.write(
      `There is no mutant ${values.only ?? ''}. There are ${MUTANTS.map(({ name }) => name).join(', ')}.\n`,
    );
    return 2;
  }
  const judged: Judged[] = [];
  const worker = async (): Promise<void> => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const one = await judge(mutant, values.seeds);
      judged.push(one);
      if (!values.json) process.stdout.write(`${told(one)}\n`);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(4, availableParallelism() - 1)) }, worker));
  const caught = judged.filter(({ answer }) => answer.caught !== undefined).length;
  if (values.json)
    process.stdout.write(
      `${JSON.stringify(
        judged.map(({ mutant, answer }) => ({ ...mutant, ...answer })),
        undefined,
        2,
      )}\n`,
    );
  else process.stdout.write(`${caught} of ${judged.length} mutants were caught.\n`);
  return caught === judged.length ? 0 : 1;
}

process.exitCode = await main();
