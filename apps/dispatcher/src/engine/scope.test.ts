import type { Limits } from '@provisor/contracts';
import { FakeClock } from '@provisor/testing';
import { describe, expect, it } from 'vitest';
import type { Connection } from './connection.js';
import { LaneQueue } from './lane-queue.js';
import { Scope } from './scope.js';

/** An SP connection with an endless supply of objects, each of which takes some requests one after the other. */
interface Tenant {
  readonly name: string;
  readonly limits: Limits;
  readonly requestsEach: number;
  readonly targetMs: number;
}

/** A limit scope over connections whose attempts do nothing but take slots and budget and wait for the target. */
class World {
  readonly clock = new FakeClock();
  readonly requests = new Map<string, number>();
  readonly #tenants = new Map<string, Tenant>();
  readonly #scope: Scope;

  constructor() {
    this.#scope = new Scope({
      name: 'scope',
      clock: this.clock,
      start: (connection, _, ended) => {
        connection.inFlight += 1;
        void this.#attempt(connection.name).then(() => {
          connection.inFlight -= 1;
          ended();
        });
      },
    });
  }

  add(tenant: Tenant): void {
    this.#tenants.set(tenant.name, tenant);
    this.requests.set(tenant.name, 0);
    this.#scope.add(connectionOf(tenant));
    this.#scope.configure();
    this.#scope.pump();
  }

  /** Requests of each during the next milliseconds. */
  async during(ms: number): Promise<number[]> {
    const before = [...this.requests.values()];
    await this.clock.advance(ms);
    return [...this.requests.values()].map((count, index) => count - (before[index] ?? 0));
  }

  async #attempt(name: string): Promise<void> {
    const { requestsEach, targetMs } = this.#tenants.get(name) ?? { requestsEach: 0, targetMs: 0 };
    for (let request = 0; request < requestsEach; request += 1) {
      await this.#scope.calls.take('delta', name);
      await this.#scope.bucket.acquire('delta', name);
      this.requests.set(name, (this.requests.get(name) ?? 0) + 1);
      await this.clock.sleep(targetMs);
      this.#scope.calls.give();
    }
  }
}

function connectionOf({ name, limits }: Tenant): Connection {
  const queue = new LaneQueue();
  for (let n = 0; n < 20_000; n += 1) queue.add(`${name}-${n}`, 'delta');
  return {
    name,
    inFlight: 0,
    unsettled: 0,
    lease: { holds: () => true },
    session: { connection: { spec: { limits } } },
    ready: () => true,
    work: { queue, slot: (key: string) => ({ key }) },
  } as unknown as Connection;
}

const shareOf = (counts: readonly number[]): number => Math.min(...counts) / Math.max(...counts);

describe('Scope', () => {
  const limits: Limits = { requestsPerSecond: 30, burst: 20, concurrency: 16 };

  it('shares a budget evenly, also with one that was there first and has filled every place', async () => {
    const world = new World();
    world.add({ name: 'early', limits, requestsEach: 2, targetMs: 5 });
    await world.during(3_000);
    world.add({ name: 'late', limits, requestsEach: 2, targetMs: 5 });
    const counts = await world.during(10_000);
    expect(shareOf(counts)).toBeGreaterThan(0.95);
    expect(counts.reduce((sum, count) => sum + count)).toBeGreaterThan(295);
  });

  it('shares a budget evenly between one whose objects cost one request and one whose objects cost three', async () => {
    const world = new World();
    world.add({ name: 'cheap', limits, requestsEach: 1, targetMs: 5 });
    world.add({ name: 'dear', limits, requestsEach: 3, targetMs: 80 });
    expect(shareOf(await world.during(20_000))).toBeGreaterThan(0.95);
  });

  it('shares the calls in flight evenly where no rate is set', async () => {
    const world = new World();
    world.add({ name: 'early', limits: { concurrency: 16 }, requestsEach: 1, targetMs: 50 });
    await world.during(1_000);
    world.add({ name: 'late', limits: { concurrency: 16 }, requestsEach: 1, targetMs: 50 });
    await world.during(1_000);
    expect(shareOf(await world.during(10_000))).toBeGreaterThan(0.95);
  });
});
