import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { freePort, startChild, type ManagedChild } from '@provisor/embedded';
import { until } from '@provisor/testing';
import type { Effect, Fault, TenantSettings } from '@provisor/testing';
import { ownProgram } from '../rig/own-program.js';
import type { RateLimitSettings } from './rate-limit.js';

export interface TargetSettings {
  readonly port: number;
  readonly controlPort: number;
  readonly token: string;
  /** What every tenant starts with. */
  readonly tenants: Partial<TenantSettings>;
}

export interface Progress {
  readonly users: number;
  readonly groups: number;
  readonly memberships: number;
  readonly requests: number;
}

/** One request that the target received. Times are milliseconds since the epoch. */
export interface TargetRequest {
  readonly time: number;
  /** 0 where no answer was given. */
  readonly answeredAt: number;
  readonly method: string;
  readonly path: string;
  readonly key: string;
  readonly status: number;
  readonly effect: Effect;
  readonly bytes: number;
  /** Id of the account that it created; empty where it did not. */
  readonly createdId: string;
  readonly marks: readonly string[];
}

type Compact = [number, number, string, string, string, number, Effect, number, string, (readonly string[])?];

/** The SCIM simulator in a process of its own. */
export class TargetProcess {
  readonly token = randomBytes(18).toString('base64url');
  readonly #ports: { readonly scim: number; readonly control: number };
  #child: ManagedChild | undefined;

  private constructor(ports: { scim: number; control: number }) {
    this.#ports = ports;
  }

  static async start(dir: string, tenants: Partial<TenantSettings> = {}): Promise<TargetProcess> {
    const target = new TargetProcess({ scim: await freePort(), control: await freePort() });
    const { scim, control } = target.#ports;
    const settings: TargetSettings = { port: scim, controlPort: control, token: target.token, tenants };
    const child = await startChild({
      name: 'The service provider',
      command: process.execPath,
      args: [ownProgram('target/target-main')],
      dir: join(dir, 'target'),
      logFile: join(dir, 'target.log'),
      env: { PATH: process.env['PATH'], NODE_ENV: 'production', BENCH_TARGET: JSON.stringify(settings) },
    });
    target.#child = child;
    const answers = async (): Promise<boolean> => !child.running() || (await target.progress('probe')).users === 0;
    await until('the service provider answers', answers, { explain: () => child.tail() });
    if (!child.running()) throw new Error(`The service provider did not start: ${child.tail()}`);
    return target;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  baseUrl(tenant: string): string {
    return `http://127.0.0.1:${this.#ports.scim}/${tenant}/v2`;
  }

  progress(tenant: string): Promise<Progress> {
    return this.#ask(tenant, 'progress') as Promise<Progress>;
  }

  /** Requests from the given number on, in the order of their arrival. */
  async ledger(tenant: string, from = 0): Promise<TargetRequest[]> {
    const entries = (await this.#ask(tenant, 'ledger', { from })) as Compact[];
    return entries.map(([time, answeredAt, method, path, key, status, effect, bytes, createdId, marks]) => ({
      ...{ time, answeredAt, method, path, key, status, effect, bytes, createdId },
      marks: marks ?? [],
    }));
  }

  async configure(tenant: string, settings: Partial<TenantSettings>): Promise<void> {
    await this.#ask(tenant, 'settings', settings);
  }

  async fail(tenant: string, ...faults: Fault[]): Promise<void> {
    await this.#ask(tenant, 'faults', faults);
  }

  /** Forgets all faults. */
  async heal(tenant: string): Promise<void> {
    await this.#ask(tenant, 'heal');
  }

  /** Forgets all requests. */
  async clear(tenant: string): Promise<void> {
    await this.#ask(tenant, 'clear');
  }

  /** From now on the tenant refuses what is beyond this rate, as that vendor does. */
  async limit(tenant: string, settings: RateLimitSettings): Promise<void> {
    await this.#ask(tenant, 'limit', settings);
  }

  /** Accounts that are there from the beginning; gives their ids in the same order. */
  async prefill(tenant: string, externalIds: readonly string[]): Promise<string[]> {
    return (await this.#ask(tenant, 'prefill', { externalIds })) as string[];
  }

  async stop(): Promise<void> {
    await this.#child?.stop();
  }

  async #ask(tenant: string, action: string, body: unknown = {}): Promise<unknown> {
    const url = `http://127.0.0.1:${this.#ports.control}/${tenant}/${action}`;
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`The service provider answers ${response.status} to ${action}.`);
    return response.json();
  }
}
