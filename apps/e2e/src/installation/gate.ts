import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from '@provisor/embedded';

/**
 * A way to a port of this machine that can be cut or led elsewhere: while it is closed, connections are refused, and those that were
 * open are reset.
 */
export class Gate {
  readonly port: number;
  readonly #sockets = new Set<Socket>();
  #target: number | undefined;
  #server: Server | undefined;

  private constructor(port: number) {
    this.port = port;
  }

  /** Closed, and leading nowhere yet. */
  static async create(): Promise<Gate> {
    return new Gate(await freePort());
  }

  /** Open. */
  static async to(target: number): Promise<Gate> {
    const gate = await Gate.create();
    await gate.leadTo(target);
    return gate;
  }

  /** Opens it to this port of this machine; connections to another one are reset. */
  async leadTo(target: number): Promise<void> {
    if (target !== this.#target) await this.close();
    this.#target = target;
    await this.open();
  }

  async open(): Promise<void> {
    if (this.#server !== undefined) return;
    this.#server = createServer((incoming) => this.#join(incoming));
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await closed;
  }

  #join(incoming: Socket): void {
    const outgoing = connect(this.#target ?? 0, '127.0.0.1');
    for (const [socket, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}
