import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { calmRequestQueue } from './request-queue-patch.js';

interface Queue {
  pending: unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: unknown;
  scheduleCheckPendingRequests(): void;
  destroy(): void;
}
const load = createRequire(import.meta.url);
const silent = { namespace: () => silent, debug: () => undefined };

function queue(): Queue {
  const RequestQueue = load('kafkajs/src/network/requestQueue') as new (options: object) => Queue;
  return new RequestQueue({
    maxInFlightRequests: null,
    requestTimeout: 1000,
    clientId: 'c',
    broker: 'b',
    logger: silent,
  });
}

describe('calmRequestQueue', () => {
  it('arms no timer while nothing waits', () => {
    calmRequestQueue();
    calmRequestQueue();
    const idle = queue();
    idle.scheduleCheckPendingRequests();
    expect(idle.throttleCheckTimeoutId).toBeNull();
  });

  it('still arms the timer while requests wait or the broker throttles', () => {
    calmRequestQueue();
    const waiting = queue();
    waiting.pending.push({});
    waiting.scheduleCheckPendingRequests();
    expect(waiting.throttleCheckTimeoutId).not.toBeNull();
    waiting.destroy();
    const throttled = queue();
    throttled.throttledUntil = Date.now() + 60_000;
    throttled.scheduleCheckPendingRequests();
    expect(throttled.throttleCheckTimeoutId).not.toBeNull();
    throttled.destroy();
  });
});
