import type { DispatchStores } from '@provisor/dispatcher';
import type { Random } from '../time/random.js';
import type { VirtualTime } from '../time/virtual-time.js';
import type { When } from '../plan/plan.js';
import type { DispatcherProcess } from './dispatcher-process.js';

export interface RemoteParts {
  readonly process: DispatcherProcess;
  readonly time: VirtualTime;
  readonly random: Random;
  /** Called before each call and after its effect; true if the process dies there. */
  readonly crashes: (await_: number, when: When) => boolean;
  readonly fails: (await_: number, when: When) => boolean;
  /** Numbers what dispatcher processes wait for. */
  readonly count: () => number;
}

/** The database as a process sees it: every call takes time before and after its effect, and may fail or be its last. */
export class Remote {
  readonly #p: RemoteParts;

  constructor(parts: RemoteParts) {
    this.#p = parts;
  }

  call<T>(effect: () => T): Promise<T> {
    const { process, time, random, crashes, fails, count } = this.#p;
    return new Promise((resolve, reject) => {
      const number = count();
      if (crashes(number, 'before')) return;
      const answer = (deliver: () => void): void => void time.after(delay(random), () => process.deliver(deliver));
      time.after(delay(random), () => {
        // What was under way when the process died has reached the database, or not.
        if (process.dead && random.chance(0.5)) return;
        if (fails(number, 'before')) {
          answer(() => reject(lostConnection()));
          return;
        }
        try {
          const value = effect();
          if (crashes(number, 'after')) return;
          if (fails(number, 'after')) answer(() => reject(lostConnection()));
          else answer(() => resolve(value));
        } catch (error) {
          const problem = error instanceof Error ? error : new Error(String(error));
          answer(() => reject(problem));
        }
      });
    });
  }
}

/** Mostly quick, at times slow. */
const delay = (random: Random): number => (random.chance(0.03) ? random.between(20, 250) : random.between(0, 3));

const lostConnection = (): Error => Object.assign(new Error('The connection was reset.'), { code: 'ECONNRESET' });

/** The synchronous form of a port. */
export type Local<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => Promise<infer R> ? (...args: A) => R : never;
};
export type LocalStores = { readonly [K in keyof DispatchStores]: Local<DispatchStores[K]> };

/** Stores whose every method is such a call. */
export function remoteStores(stores: LocalStores, remote: Remote): DispatchStores {
  const wrapped = Object.entries(stores).map(([name, store]) => [
    name,
    new Proxy(store as object, {
      get: (of, method) => {
        const local: unknown = Reflect.get(of, method, of);
        return typeof local === 'function'
          ? (...args: unknown[]) => remote.call(() => Reflect.apply(local, of, args) as unknown)
          : local;
      },
    }),
  ]);
  const remoted: unknown = Object.fromEntries(wrapped);
  return remoted as DispatchStores;
}
