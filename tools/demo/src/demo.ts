import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AdminClient } from '@provisor/admin-client';
import { chooseChanges } from './changes/choose-changes.js';
import { measure, type Acknowledgement, type MeasuredChange } from './changes/live-change.js';
import { untilSettled, type Parties, type Settled } from './comparison/settled.js';
import { DirectoryClient } from './directory/directory-client.js';
import { Random } from './organisation/random.js';
import { changeTable, type Figures } from './report/report.js';
import { ScimReader } from './scim/scim-reader.js';
import { fromHere } from './terminal/from-here.js';
import type { Screen } from './terminal/screen.js';
import { SP_CONNECTION } from './world/configuration-file.js';
import type { DemoState } from './world/demo-state.js';
import type { World } from './world/world.js';

const ARRIVAL_TIMEOUT_MS = 30_000;
const MOST_DIFFERENCES = 10;
const run = promisify(execFile);

/** What is shown once everything runs: apply, load, change, explain. */
export class Demo {
  readonly #world: World;
  readonly #state: DemoState;
  readonly #screen: Screen;
  readonly #signal: AbortSignal;

  constructor(o: { world: World; state: DemoState; screen: Screen; signal: AbortSignal }) {
    this.#world = o.world;
    this.#state = o.state;
    this.#screen = o.screen;
    this.#signal = o.signal;
  }

  async show(): Promise<Figures> {
    const { directory, providerUrl, providerToken, adminUrl, adminToken } = this.#world;
    const parties: Parties = {
      directory: await DirectoryClient.connect(directory),
      provider: new ScimReader(providerUrl, providerToken),
      admin: new AdminClient({ url: adminUrl, token: adminToken }),
      nestedGroups: this.#state.serviceProvider !== 'better-auth',
    };
    try {
      const started = await this.#apply();
      const loaded = await this.#load(parties, started);
      const changes = await this.#change(parties, loaded);
      const after = await this.#verify(parties);
      await this.#explain(changes);
      return {
        comparison: after.comparison,
        initialLoadSeconds: (loaded.at - started) / 1000,
        changes,
        failed: await this.#failed(parties),
      };
    } finally {
      await parties.directory.close();
    }
  }

  /** Returns the moment before the configuration was applied. */
  async #apply(): Promise<number> {
    const { configFile } = this.#world;
    this.#screen.heading(`The configuration, ${fromHere(configFile)}`);
    for (const line of readFileSync(configFile, 'utf8').trimEnd().split('\n'))
      this.#screen.line(`  ${this.#screen.faint(line)}`);
    this.#screen.line();
    const started = performance.now();
    await this.#provisor('apply', '-f', fromHere(configFile));
    return started;
  }

  /** Runs the CLI as anybody would, and shows what it says. */
  async #provisor(...args: string[]): Promise<void> {
    const { adminUrl, adminTokenFile } = this.#world;
    this.#screen.line(`  $ npx provisor ${args.join(' ')}`);
    const program = join(dirname(fileURLToPath(import.meta.resolve('@provisor/cli'))), 'main.js');
    const env = { ...process.env, PROVISOR_URL: adminUrl, PROVISOR_TOKEN_FILE: adminTokenFile };
    const { stdout } = await run(process.execPath, [program, ...args], { env });
    for (const line of stdout.trimEnd().split('\n')) this.#screen.line(`  ${line}`);
  }

  async #load(parties: Parties, started: number): Promise<Settled> {
    this.#screen.heading('Everybody gets an account');
    const settled = await untilSettled(parties, this.#screen, this.#signal);
    const took = (settled.at - started) / 1000;
    const { users, groups, memberships } = settled.comparison;
    this.#tell(
      settled,
      `${users} accounts, ${groups} groups and ${memberships} memberships after ${took.toFixed(1)} s`,
    );
    return settled;
  }

  async #change(parties: Parties, { content, accounts }: Settled): Promise<MeasuredChange[]> {
    this.#screen.heading(
      'Changes in the directory, over LDAP: when the service provider had accepted them, and when it showed them',
    );
    const { seed, run: number } = this.#state;
    const random = new Random(`${seed}/changes/${number}`);
    const { directory, provider, admin } = parties;
    const acknowledgement: Acknowledgement = async (operation, since) => {
      const { results } = await admin.listResults({
        query: { spConnection: SP_CONNECTION, outcome: ['applied'], since: since.toISOString(), limit: 100 },
      });
      const first = results.findLast((result) => result.operation === operation);
      return first === undefined ? undefined : Date.parse(first.finishedAt);
    };
    const changes = chooseChanges({ directory, provider, content, accounts, run: number, random });
    const measured: MeasuredChange[] = [];
    for (const change of changes) {
      this.#signal.throwIfAborted();
      this.#screen.progress(`${change.kind}: ${change.title}`);
      const result = await measure(change, acknowledgement, ARRIVAL_TIMEOUT_MS);
      measured.push(result);
      const took =
        result.latencyMs === undefined
          ? this.#screen.bad('not seen')
          : `${inMs(result.latencyMs)} ${inMs(result.shownMs)}`;
      this.#screen.line(`  ${took}  ${change.kind}: ${change.title}`);
    }
    this.#screen.line();
    this.#screen.line(changeTable(measured));
    this.#screen.line(
      "  accepted: from the directory's acknowledgement to the service provider's 2xx; shown: to its first answer, asked apart, that has it",
    );
    return measured;
  }

  async #verify(parties: Parties): Promise<Settled> {
    this.#screen.heading('Is everything as the directory says?');
    const settled = await untilSettled(parties, this.#screen, this.#signal);
    const { users, groups, memberships } = settled.comparison;
    this.#tell(
      settled,
      `Both sides read again: ${users} accounts, ${groups} groups, ${memberships} memberships, all equal`,
    );
    return settled;
  }

  #tell({ comparison: { differences } }: Settled, whenEqual: string): void {
    const { line, good, bad } = bound(this.#screen);
    if (differences.length === 0) return line(`  ${good('✓')} ${whenEqual}`);
    line(`  ${bad('✗')} ${differences.length} differences, and nothing moves any more`);
    for (const difference of differences.slice(0, MOST_DIFFERENCES)) line(`      ${difference}`);
    if (differences.length > MOST_DIFFERENCES) line(`      … and ${differences.length - MOST_DIFFERENCES} more`);
  }

  /** The whole story of somebody who was changed. */
  async #explain(changes: readonly MeasuredChange[]): Promise<void> {
    const example = changes.find(({ change }) => change.objectId !== undefined)?.change;
    if (example?.objectId === undefined) return;
    this.#screen.heading(`One person's whole story (${example.title})`);
    await this.#provisor('timeline', SP_CONNECTION, example.objectId);
  }

  async #failed({ admin }: Parties): Promise<number> {
    const { counts } = await admin.getSpConnectionStatus({ params: { name: SP_CONNECTION } });
    return counts?.failed ?? 0;
  }
}

const inMs = (ms: number | undefined): string => (ms === undefined ? '–' : `${Math.round(ms)} ms`).padStart(8);

const bound = (screen: Screen) => ({
  line: (text: string) => screen.line(text),
  good: (text: string) => screen.good(text),
  bad: (text: string) => screen.bad(text),
});
