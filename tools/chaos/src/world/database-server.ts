import { join } from 'node:path';
import { Gate } from '@provisor/e2e';
import { until } from '@provisor/testing';
import { freePort, startPostgres, type EmbeddedPostgres } from '@provisor/embedded';
import { silentLogger } from '@provisor/telemetry';

/** A PostgreSQL server that can be killed, behind a gate. */
export class DatabaseServer {
  readonly gate: Gate;
  readonly #dir: string;
  readonly #port: number;
  #server: EmbeddedPostgres | undefined;

  private constructor(dir: string, port: number, gate: Gate) {
    this.#dir = dir;
    this.#port = port;
    this.gate = gate;
  }

  static async start(dir: string): Promise<DatabaseServer> {
    const port = await freePort();
    const server = new DatabaseServer(join(dir, 'postgres'), port, await Gate.to(port));
    await server.start();
    return server;
  }

  get running(): boolean {
    return this.#server !== undefined;
  }

  /** The superuser's URL, through the gate. */
  get url(): string {
    if (this.#server === undefined) throw new Error('The database server is not running.');
    const url = new URL(this.#server.url('postgres'));
    url.port = String(this.gate.port);
    return url.href;
  }

  /** The same database as in `url`, beside the gate. */
  direct(url: string): string {
    const beside = new URL(url);
    beside.port = String(this.#port);
    return beside.href;
  }

  /** With the data that it had. What a killed server leaves behind may take a moment to go. */
  async start(): Promise<void> {
    if (this.#server !== undefined) return;
    const start = (): Promise<EmbeddedPostgres> =>
      startPostgres({ dir: this.#dir, port: this.#port, databases: ['postgres'], log: silentLogger });
    this.#server = await until('the database server starts', start, { withinMs: 60_000, everyMs: 500 });
  }

  /** SIGKILL is a crash; SIGQUIT is PostgreSQL's immediate shutdown. */
  async end(signal: 'SIGKILL' | 'SIGQUIT'): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    process.kill(server.pid, signal);
    await server.exited;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await this.gate.close();
    await server?.stop();
  }
}
