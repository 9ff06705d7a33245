import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { freePort, startChild, type ChildExit, type ManagedChild } from '@provisor/embedded';
import { until } from '@provisor/testing';

/** A service that does not drain within this time is broken; the child is killed a little later. */
export const DRAIN_BOUND_MS = 30_000;
const START_MS = 60_000;

export const SERVICES = ['change-capture', 'mapping', 'dispatcher', 'admin-api'] as const;
export type ServiceName = (typeof SERVICES)[number];

export interface ServiceProcessOptions {
  readonly name: ServiceName;
  /** Tells replicas of one service apart; the name unless given. */
  readonly label?: string;
  /** Lock and log of the process lie here. */
  readonly dir: string;
  /** Asked at each start. */
  readonly env: () => NodeJS.ProcessEnv;
}

export interface Ended extends ChildExit {
  /** From the signal to the end of the process, in milliseconds. */
  readonly tookMs: number;
}

/** One service in a process of its own, as the container image runs it: the built program, set up by its environment alone. */
export class ServiceProcess {
  readonly name: ServiceName;
  readonly label: string;
  readonly port: number;
  readonly #options: ServiceProcessOptions;
  #child: ManagedChild | undefined;

  private constructor(options: ServiceProcessOptions, port: number) {
    this.name = options.name;
    this.label = options.label ?? options.name;
    this.port = port;
    this.#options = options;
  }

  /** Not started yet. The port is the same at every start. */
  static async create(options: ServiceProcessOptions): Promise<ServiceProcess> {
    return new ServiceProcess(options, await freePort());
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Of the process that was started last. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get running(): boolean {
    return this.#child?.running() ?? false;
  }

  /** Starts it and waits until it says that it is ready. @throws NotInTime with the end of its log, also when it ended at once */
  async start(): Promise<void> {
    await this.launch();
    await this.untilReady();
  }

  /** Starts it without waiting for anything. */
  async launch(): Promise<void> {
    if (this.running) throw new Error(`${this.name} is running already.`);
    const { name, dir, env } = this.#options;
    const { label } = this;
    this.#child = await startChild({
      name: label,
      command: process.execPath,
      args: ['--enable-source-maps', programOf(name)],
      dir: join(dir, label),
      logFile: this.logFile,
      env: {
        ...env(),
        // As in the image, where everything was compiled when it was built.
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
        HTTP_HOST: '127.0.0.1',
        HTTP_PORT: String(this.port),
      },
      graceMs: DRAIN_BOUND_MS + 5_000,
    });
  }

  async untilReady(withinMs = START_MS): Promise<void> {
    const ready = async () => !this.running || (await fetch(`${this.url}/health/ready`)).ok;
    const health = async () => (await fetch(`${this.url}/health/ready`)).text();
    const explain = async () => `${await health().catch(String)}\n${this.tail()}`;
    await until(`${this.name} is ready`, ready, { withinMs, explain });
    if (!this.running) throw new Error(`${this.name} ended at its start.\n${this.tail()}`);
  }

  /** SIGKILL: no drain, no farewell. Resolves when the process is gone. */
  async kill(): Promise<void> {
    const child = this.#running();
    process.kill(child.pid, 'SIGKILL');
    await child.exited;
  }

  /** Every thread of it stands still until `thaw`; connections and leases stay as they are. */
  freeze(): void {
    process.kill(this.#running().pid, 'SIGSTOP');
  }

  /** Goes on after `freeze`, as if no time had passed. */
  thaw(): void {
    process.kill(this.#running().pid, 'SIGCONT');
  }

  /** SIGTERM, and the end of the process. It is killed after a time in which it should have drained; `code` is null then. */
  async stop(): Promise<Ended> {
    const child = this.#running();
    const began = performance.now();
    await child.stop();
    return { ...(await child.exited), tookMs: performance.now() - began };
  }

  get logFile(): string {
    return join(this.#options.dir, `${this.label}.log`);
  }

  /** The last lines of its log, over all starts. */
  tail(lines = 15): string {
    return `--- ${this.label}${this.running ? '' : ' (not running)'}\n${this.#child?.tail(lines) ?? 'never started'}`;
  }

  #running(): ManagedChild {
    if (this.#child === undefined || !this.running) throw new Error(`${this.name} is not running.\n${this.tail()}`);
    return this.#child;
  }
}

function programOf(name: ServiceName): string {
  const manifest = createRequire(import.meta.url).resolve(`@provisor/${name}/package.json`);
  return join(dirname(manifest), 'dist', 'main.js');
}
