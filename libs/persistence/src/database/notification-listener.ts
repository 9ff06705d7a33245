import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from '@provisor/telemetry';

type Callback = (payload: string | undefined) => void;

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * LISTEN over one connection for all channels. After a loss it connects anew with growing pauses and then calls everybody once
 * without a payload, because notifications are not kept for those who are away.
 */
export class NotificationListener {
  readonly #connect: () => Promise<pg.Client>;
  readonly #log: Logger;
  readonly #callbacks = new Map<string, Set<Callback>>();
  readonly #closing = new AbortController();
  #client: Promise<pg.Client> | undefined;

  constructor(options: { connect: () => Promise<pg.Client>; log: Logger }) {
    this.#connect = options.connect;
    this.#log = options.log;
  }

  async listen(channel: string, callback: Callback): Promise<() => Promise<void>> {
    const callbacks = this.#callbacks.get(channel) ?? new Set();
    this.#callbacks.set(channel, callbacks.add(callback));
    this.#client ??= this.#open();
    const client = await this.#client;
    await client.query(`LISTEN ${quoted(channel)}`);
    return async () => {
      callbacks.delete(callback);
      if (callbacks.size > 0) return;
      this.#callbacks.delete(channel);
      const current = await this.#client?.catch(() => undefined);
      await current?.query(`UNLISTEN ${quoted(channel)}`).catch(() => undefined);
    };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#callbacks.clear();
    const client = await this.#client?.catch(() => undefined);
    await client?.end().catch(() => undefined);
  }

  async #open(): Promise<pg.Client> {
    const client = await this.#connect();
    client.on('notification', ({ channel, payload }) => {
      for (const callback of this.#callbacks.get(channel) ?? []) callback(payload);
    });
    client.on('end', () => this.#reopen());
    return client;
  }

  #reopen(): void {
    if (this.#closing.signal.aborted) return;
    this.#client = this.#openAgain();
    this.#client.catch(() => undefined);
  }

  async #openAgain(): Promise<pg.Client> {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      await delay(pause, undefined, { signal: this.#closing.signal });
      try {
        const client = await this.#open();
        for (const channel of this.#callbacks.keys()) await client.query(`LISTEN ${quoted(channel)}`);
        for (const callbacks of this.#callbacks.values()) callbacks.forEach((callback) => callback(undefined));
        return client;
      } catch (error) {
        this.#log.warn('The connection for notifications is lost; trying again', { err: error, nextTryInMs: pause });
      }
    }
  }
}

function quoted(channel: string): string {
  return `"${channel.replaceAll('"', '""')}"`;
}
