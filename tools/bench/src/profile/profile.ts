import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { queryOnce } from '../rig/query.js';
import type { Rig } from '../rig/rig.js';
import type { BenchContext } from '../suite/benchmark.js';
import { hotSpots, type CpuProfile } from './hot-spots.js';

interface Statement {
  readonly calls: number;
  readonly ms: number;
  readonly planMs: number;
  readonly rows: number;
  readonly query: string;
}

/**
 * CPU profiles of the services, and what they asked of the database and of Kafka between `begin` and `end`: written to `dir` as
 * profiles for a debugger and as `summary.md`. A profiled run is slower; its figures are not for comparing.
 */
export class Profile {
  readonly dir: string;
  readonly #databaseUrl: string;
  readonly #screen: BenchContext['screen'];
  #names = new Map<number, string>();
  #statements: Statement[] = [];
  #metrics = '';
  #before = new Map<string, Map<string, number>>();
  #objects = 1;

  /** Undefined unless the run is to be profiled. */
  static of(benchmark: string, context: BenchContext): Profile | undefined {
    return context.profile ? new Profile(join(context.dir, `profile-${benchmark}`), context) : undefined;
  }

  private constructor(dir: string, context: BenchContext) {
    this.dir = dir;
    this.#databaseUrl = context.infrastructure.databaseUrl;
    this.#screen = context.screen;
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir, { recursive: true });
  }

  async begin(rig: Rig): Promise<void> {
    this.#names = new Map(rig.services.map(({ pid = 0, name }) => [pid, name]));
    this.#before = await requestCounts(rig);
    await queryOnce(this.#databaseUrl, 'select pg_stat_statements_reset()').catch(() => undefined);
  }

  /** @param objects among how many the work is divided */
  async end(rig: Rig, objects: number): Promise<void> {
    this.#objects = objects;
    this.#statements = await queryOnce<Statement & Record<string, unknown>>(
      this.#databaseUrl,
      `select calls::float8 as calls, total_exec_time as ms, total_plan_time as "planMs", rows::float8 as rows, regexp_replace(query, '\\s+', ' ', 'g') as query
       from pg_stat_statements where dbid = (select oid from pg_database where datname = $1)
       order by total_exec_time + total_plan_time desc limit 60`,
      [new URL(rig.databaseUrl).pathname.slice(1)],
    ).catch(() => []);
    const lines: string[] = [];
    for (const [service, counts] of await requestCounts(rig))
      for (const [metric, value] of counts) {
        const more = value - (this.#before.get(service)?.get(metric) ?? 0);
        if (more > 0) lines.push(`| ${service} | \`${metric}\` | ${more} | ${(more / objects).toFixed(3)} |`);
      }
    this.#metrics = ['| service | metric | count | per object |', '| --- | --- | ---: | ---: |', ...lines].join('\n');
  }

  /** Once the services have ended: only then are their profiles there. */
  async write(): Promise<void> {
    const file = join(this.dir, 'summary.md');
    writeFileSync(
      file,
      [this.#statementsSection(), `## Counters of the services\n\n${this.#metrics}`, ...this.#spots()].join('\n\n'),
    );
    this.#screen.line(`  Profiles and their summary: ${file}`);
  }

  #statementsSection(): string {
    const total = this.#statements.reduce((sum, { calls }) => sum + calls, 0);
    const rows = this.#statements.map(
      ({ calls, ms, planMs, rows: touched, query }) =>
        `| ${ms.toFixed(0)} | ${planMs.toFixed(0)} | ${calls} | ${(calls / this.#objects).toFixed(3)} | ${touched} | \`${query.slice(0, 160).replaceAll('|', '\\|')}\` |`,
    );
    const head = [
      '| ms | ms of planning | calls | calls per object | rows | statement |',
      '| ---: | ---: | ---: | ---: | ---: | --- |',
    ];
    return [`## Statements (${total} calls for ${this.#objects} objects)\n`, ...head, ...rows].join('\n');
  }

  #spots(): string[] {
    return readdirSync(this.dir)
      .filter((file) => file.endsWith('.cpuprofile'))
      .map((file) => {
        const pid = Number(/^CPU\.\d+\.\d+\.(\d+)\./.exec(file)?.[1]);
        const profile = JSON.parse(readFileSync(join(this.dir, file), 'utf8')) as CpuProfile;
        return `## CPU of ${this.#names.get(pid) ?? `process ${pid}`} (${file})\n\n${hotSpots(profile)}`;
      });
  }
}

const COUNTERS = /^(?!#)(\w*(?:_total|_count))(\{[^}]*\})? (\S+)/gm;

/** Counters in the services' own metrics. */
async function requestCounts(rig: Rig): Promise<Map<string, Map<string, number>>> {
  const all = new Map<string, Map<string, number>>();
  for (const { name, url, running } of rig.services) {
    if (!running) continue;
    const text = await fetch(`${url}/metrics`).then(
      (answer) => answer.text(),
      () => '',
    );
    all.set(
      name,
      new Map(
        [...text.matchAll(COUNTERS)].map(([, metric, labels = '', value]) => [`${metric}${labels}`, Number(value)]),
      ),
    );
  }
  return all;
}
