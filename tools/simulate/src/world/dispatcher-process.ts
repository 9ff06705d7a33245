import { DispatchEngine, type Configurations, type DispatchStores } from '@provisor/dispatcher';
import type { Clock } from '@provisor/host';
import type { Logger } from '@provisor/telemetry';
import type { Random } from '../time/random.js';
import type { VirtualTime } from '../time/virtual-time.js';

export type ConnectorFactory = ConstructorParameters<typeof DispatchEngine>[0]['connectors'];

/**
 * One dispatcher process. It hears from outside through `deliver` alone: a dead one hears nothing any more, a frozen one hears
 * everything at once when it goes on.
 */
export class DispatcherProcess {
  readonly id: number;
  readonly random: Random;
  readonly clock: Clock;
  engine!: DispatchEngine;
  dead = false;
  /** It was told to stop and brings what it has begun to an end. */
  stopping = false;
  #frozen = false;
  #missed: (() => void)[] = [];
  #offset = 0;

  constructor(id: number, time: VirtualTime, random: Random) {
    this.id = id;
    this.random = random;
    const now = (): number => time.now + this.#offset;
    this.clock = {
      now,
      date: () => new Date(now()),
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          if (signal?.aborted === true) {
            resolve();
            return;
          }
          const wake = (): void => {
            signal?.removeEventListener('abort', aborted);
            resolve();
          };
          const cancel = time.after(ms, () => this.deliver(wake));
          const aborted = (): void => {
            cancel();
            resolve();
          };
          signal?.addEventListener('abort', aborted, { once: true });
        }),
    };
  }

  get frozen(): boolean {
    return this.#frozen;
  }

  start(parts: {
    stores: DispatchStores;
    configurations: Configurations;
    connectors: ConnectorFactory;
    log: Logger;
  }): void {
    this.engine = new DispatchEngine({
      ...parts,
      targetType: 'scim',
      owner: `process-${this.id}`,
      open: ({ sealed }) => Promise.resolve(sealed),
      nudge: () => undefined,
      clock: this.clock,
      random: this.random.next,
    });
    this.engine.start();
  }

  deliver(message: () => void): void {
    if (this.dead) return;
    if (this.#frozen) this.#missed.push(message);
    else message();
  }

  kill(): void {
    this.dead = true;
    this.#missed = [];
  }

  freeze(): void {
    this.#frozen = true;
  }

  thaw(): void {
    this.#frozen = false;
    for (const message of this.#missed.splice(0)) message();
  }

  /** Its clock is set forward or back. */
  jump(ms: number): void {
    this.#offset += ms;
  }
}
