import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from '@provisor/embedded';
import { ToxicStream, type Direction, type ToxicPath, type Toxics } from './toxics.js';

/**
 * A way to a port of this machine that can be cut, led elsewhere or made a bad one: while it is closed, connections are refused, and
 * those that were open are reset.
 */
export class Gate {
  readonly port: number;
  readonly #sockets = new Set<Socket>();
  #target: number | undefined;
  #server: Server | undefined;
  #path: ToxicPath & { readonly change: () => void } = pathOf({}, Math.random);
  /** When something began to be wrong with this way, and when it was whole again. */
  readonly #troubles: { readonly from: number; until: number }[] = [];

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
    this.#judge();
  }

  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    this.#judge();
    const closed = once(server, 'close');
    server.close();
    this.resetConnections();
    await closed;
  }

  /** Resets every connection; new ones are accepted as before. */
  resetConnections(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Replaces what is wrong with this way; with `{}` it is whole again. `chance` decides on jitter. */
  poison(toxics: Toxics, chance: () => number = Math.random): void {
    const before = this.#path;
    this.#path = pathOf(toxics, chance);
    before.change();
    this.#judge();
  }

  /** Was something wrong with this way at any time between these instants, in milliseconds since the epoch? */
  wasBad(from: number, until: number): boolean {
    return this.#troubles.some((trouble) => trouble.from <= until && trouble.until >= from);
  }

  #judge(): void {
    const isBad = this.#server === undefined || Object.keys(this.#path.toxics).length > 0;
    const last = this.#troubles.at(-1);
    const isOpen = last !== undefined && last.until === Infinity;
    if (isBad && !isOpen) this.#troubles.push({ from: Date.now(), until: Infinity });
    if (!isBad && isOpen) last.until = Date.now();
  }

  #join(incoming: Socket): void {
    const outgoing = connect(this.#target ?? 0, '127.0.0.1');
    const reset = (): void => {
      incoming.resetAndDestroy();
      outgoing.resetAndDestroy();
    };
    this.#lead(incoming, outgoing, { direction: 'up', reset });
    this.#lead(outgoing, incoming, { direction: 'down', reset });
  }

  #lead(from: Socket, to: Socket, { direction, reset }: { direction: Direction; reset: () => void }): void {
    const stream = new ToxicStream(direction, () => this.#path, reset);
    stream.on('error', reset);
    this.#sockets.add(from);
    from.setNoDelay(true);
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      stream.destroy();
      to.destroy();
    });
    from.pipe(stream).pipe(to);
  }
}

function pathOf(toxics: Toxics, chance: () => number): ToxicPath & { readonly change: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { toxics, chance, changed: promise, change: resolve };
}
