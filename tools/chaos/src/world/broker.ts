import { join } from 'node:path';
import { Gate } from '@provisor/e2e';
import { freePort, startKafka, type EmbeddedKafka } from '@provisor/embedded';
import { silentLogger } from '@provisor/telemetry';

/** A Kafka broker that can be killed, behind a gate that clients are told instead of its own port. */
export class Broker {
  readonly gate: Gate;
  readonly #dir: string;
  readonly #port: number;
  #kafka: EmbeddedKafka | undefined;

  private constructor(dir: string, port: number, gate: Gate) {
    this.#dir = dir;
    this.#port = port;
    this.gate = gate;
  }

  static async start(dir: string): Promise<Broker> {
    const port = await freePort();
    const broker = new Broker(join(dir, 'kafka'), port, await Gate.to(port));
    await broker.start();
    return broker;
  }

  get address(): string {
    return `127.0.0.1:${this.gate.port}`;
  }

  get running(): boolean {
    return this.#kafka !== undefined;
  }

  /** With the data that it had. */
  async start(): Promise<void> {
    if (this.#kafka !== undefined) return;
    this.#kafka = await startKafka({
      dir: this.#dir,
      port: this.#port,
      advertisedPort: this.gate.port,
      log: silentLogger,
    });
  }

  /** SIGKILL. @throws where the broker runs in a container, whose process is out of reach */
  async kill(): Promise<void> {
    const kafka = this.#kafka;
    if (kafka === undefined) return;
    if (kafka.runsIn === 'container')
      throw new Error('A broker in a container cannot be killed: install Java and Maven.');
    this.#kafka = undefined;
    process.kill(kafka.pid, 'SIGKILL');
    await kafka.exited;
  }

  async stop(): Promise<void> {
    const kafka = this.#kafka;
    this.#kafka = undefined;
    await this.gate.close();
    await kafka?.stop();
  }
}
