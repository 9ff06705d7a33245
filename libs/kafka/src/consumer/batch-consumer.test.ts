import { provisioningControl } from '@provisor/contracts';
import { silentLogger } from '@provisor/telemetry';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BatchConsumer, type ConsumerDependencies } from './batch-consumer.js';

type Listener = (event: { readonly payload: object }) => void;

/** A client that joins when it is told to, and says nothing otherwise. */
class SilentClient {
  readonly events = { GROUP_JOIN: 'join', REBALANCING: 'rebalancing', CRASH: 'crash' };
  readonly #listeners = new Map<string, Listener>();
  disconnected = false;

  on(event: string, listener: Listener): void {
    this.#listeners.set(event, listener);
  }
  tell(event: 'join' | 'rebalancing'): void {
    this.#listeners.get(event)?.({ payload: { memberId: 'm', memberAssignment: {} } });
  }
  connect = async (): Promise<void> => undefined;
  subscribe = async (): Promise<void> => undefined;
  run = async (): Promise<void> => undefined;
  disconnect = async (): Promise<void> => void (this.disconnected = true);
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const clock = {
  now: () => Date.now(),
  date: () => new Date(),
  sleep: (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms)),
};

test('a consumer that does not find back into its group is made anew', async () => {
  const clients: SilentClient[] = [];
  const consumer = new BatchConsumer(
    {
      ...{ groupId: 'group', stage: 'test' },
      subscriptions: [{ contract: provisioningControl, mode: 'batch', handle: async () => undefined }],
    } as never,
    {
      kafka: { consumer: () => clients[clients.push(new SilentClient()) - 1] },
      admin: { requireTopics: async () => undefined, lag: async () => [] },
      ...{ prefix: '', deadLetters: {}, log: silentLogger, clock },
    } as unknown as ConsumerDependencies,
  );
  const started = consumer.start();
  await vi.advanceTimersByTimeAsync(0);
  clients[0]?.tell('join');
  await started;
  clients[0]?.tell('rebalancing');
  await vi.advanceTimersByTimeAsync(45_000);
  expect(clients).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(45_000);
  expect(clients).toHaveLength(2);
  expect(clients[0]?.disconnected).toBe(true);
  clients[1]?.tell('join');
  expect(consumer.health().joined).toBe(true);
});
