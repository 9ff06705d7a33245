import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);
const VERSION = '2.2.4';
const patched = Symbol.for('provisor.kafkajs.request-queue');

interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
}
interface RequestQueuePrototype {
  scheduleCheckPendingRequests: (this: RequestQueue) => void;
  [patched]?: true;
}

/**
 * kafkajs 2.2.4 re-arms a timer of about a millisecond on every idle connection (and a negative one, which Node 24 warns of):
 * see tulios/kafkajs issues 1704, 1556 and 1751. The timer is needed only while requests wait or the broker throttles.
 *
 * Does nothing on a second call. Throws on any other version, whose inside nobody has looked at.
 */
export function calmRequestQueue(): void {
  const { version } = load('kafkajs/package.json') as { version: string };
  if (version !== VERSION)
    throw new Error(
      `The request-queue patch is for kafkajs ${VERSION}, but ${version} is installed. Look whether it still applies.`,
    );
  const { prototype } = load('kafkajs/src/network/requestQueue') as { prototype: RequestQueuePrototype };
  if (prototype[patched]) return;
  const original = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0 || this.throttledUntil - Date.now() > 0) original.call(this);
  };
  prototype[patched] = true;
}
