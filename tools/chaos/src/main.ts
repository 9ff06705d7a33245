import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { Screen, seconds } from '@provisor/demo';
import { HELP, parseArguments, replayOf, type ChaosArguments } from './arguments.js';
import { byChance, inTurn, runCampaign } from './campaign.js';
import { inWords } from './checker/violation.js';
import { ALL_FAULTS, QUICK_FAULTS } from './faults/all-faults.js';
import type { Fault } from './faults/fault.js';
import { publish } from './report/publish.js';
import { asText, rowsOf } from './report/rows.js';
import type { RoundResult } from './round/run-round.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PER_SECOND = 15;

const screen = new Screen(process.stdout);

process.exit(await main());

async function main(): Promise<number> {
  let args: ChaosArguments;
  try {
    args = parseArguments(
      process.argv.slice(2),
      ALL_FAULTS.map(({ id }) => id),
    );
  } catch (error) {
    process.stderr.write(`${sentence(error)}\n\n${HELP}`);
    return 2;
  }
  if (args.help) {
    process.stdout.write(HELP);
    return 0;
  }
  return run(args, args.seed ?? randomBytes(4).toString('hex'));
}

async function run(args: ChaosArguments, seed: string): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'provisor-chaos-'));
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (interrupted.signal.aborted) process.exit(130);
      screen.line('  Stopping after this round; once more stops at once.');
      interrupted.abort();
    });
  screen.heading(`Chaos with seed ${seed}: ${replayOf(args, seed)}`);
  const results: RoundResult[] = [];
  let failure: unknown;
  try {
    await runCampaign({
      dir,
      seed,
      users: args.users,
      perSecond: PER_SECOND,
      faults: chosen(args, seed),
      say: (text) => screen.line(`  ${screen.faint(text)}`),
      onRound: (result) => {
        results.push(result);
        showRound(result);
      },
      signal: interrupted.signal,
    });
  } catch (error) {
    failure = error;
  }
  return conclude(args, { seed, dir, results, failure });
}

function chosen(args: ChaosArguments, seed: string): Iterable<Fault> {
  const faults = ALL_FAULTS.filter(({ id }) => (args.faults.length === 0 ? !args.quick : args.faults.includes(id)));
  const these = faults.length > 0 ? faults : QUICK_FAULTS;
  if (args.minutes === undefined) return inTurn(these, args.rounds);
  return byChance(these, seed, performance.now() + args.minutes * 60_000);
}

function showRound({ fault, operations, faultMs, recoveryMs, violations }: RoundResult): void {
  const mark = violations.length === 0 ? screen.good('✓') : screen.bad('✗');
  screen.line(
    `  ${mark} ${fault.id} ${fault.title.replaceAll('`', '')}: ${operations} changes, fault ${seconds(faultMs)}, right again after ${seconds(recoveryMs)}`,
  );
}

interface Outcome {
  readonly seed: string;
  readonly dir: string;
  readonly results: readonly RoundResult[];
  readonly failure: unknown;
}

async function conclude(args: ChaosArguments, { seed, dir, results, failure }: Outcome): Promise<number> {
  const rows = rowsOf(results, versionOf());
  screen.heading('Runs');
  screen.line(asText(rows));
  if (args.publish && rows.length > 0) screen.line(`\n  Written into ${await publish(ROOT, rows)}`);
  const violations = results.flatMap((result) => result.violations);
  if (violations.length === 0 && failure === undefined) {
    rmSync(dir, { recursive: true, force: true });
    return 0;
  }
  screen.heading(screen.bad(`${violations.length} violations`));
  for (const violation of violations) screen.line(inWords(violation));
  if (failure !== undefined) screen.line(`The run itself failed: ${inspect(failure)}`);
  screen.line(`\nLogs:   ${dir}\nReplay: ${replayOf(args, seed)}`);
  return 1;
}

/** The product's. */
function versionOf(): string {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  return version;
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
