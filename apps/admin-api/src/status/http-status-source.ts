import { z } from 'zod';
import { replicasOf } from './replicas.js';
import {
  connectionState,
  type ConnectionState,
  type DispatcherAnswers,
  type ObjectAnswer,
  type StatusSource,
} from './status-source.js';

export interface HttpStatusSourceOptions {
  /** Base URLs of the dispatchers. All replicas behind one are asked. */
  readonly urls: readonly string[];
  readonly token: string | undefined;
  readonly timeoutMs?: number;
  readonly fetch?: typeof fetch;
  readonly replicasOf?: (url: string) => Promise<readonly string[]>;
}

const TIMEOUT_MS = 3000;
const listAnswer = z.object({ spConnections: z.array(connectionState) });
const objectAnswer = z.record(z.string(), z.unknown());

/** Asks the dispatchers' internal endpoints. Replicas know different SP connections; what they say is put together. */
export class HttpStatusSource implements StatusSource {
  readonly #options: HttpStatusSourceOptions;

  constructor(options: HttpStatusSourceOptions) {
    this.#options = options;
  }

  async connections(): Promise<DispatcherAnswers> {
    const states = new Map<string, ConnectionState>();
    const silent: string[] = [];
    const answers = await this.#askAll('/internal/sp-connections');
    for (const answer of answers) {
      const parsed = answer.kind === 'answer' ? listAnswer.safeParse(answer.body) : undefined;
      if (parsed?.success) for (const state of parsed.data.spConnections) merge(states, state);
      else
        silent.push(
          answer.kind === 'silent' ? answer.reason : `The dispatcher at ${answer.url} gives an answer of another form.`,
        );
    }
    return { states, silent };
  }

  async object(spConnection: string, objectId: string): Promise<ObjectAnswer> {
    const path = `/internal/sp-connections/${encodeURIComponent(spConnection)}/objects/${encodeURIComponent(objectId)}`;
    return this.#firstKnown(path);
  }

  async holds(spConnection: string, query: URLSearchParams): Promise<ObjectAnswer> {
    return this.#firstKnown(`/internal/sp-connections/${encodeURIComponent(spConnection)}/holds?${query.toString()}`);
  }

  async reconciliations(spConnection: string, query: URLSearchParams): Promise<ObjectAnswer> {
    return this.#firstKnown(
      `/internal/sp-connections/${encodeURIComponent(spConnection)}/reconciliations?${query.toString()}`,
    );
  }

  async #firstKnown(path: string): Promise<ObjectAnswer> {
    const answers = await this.#askAll(path);
    for (const answer of answers) {
      const parsed =
        answer.kind === 'answer' && answer.status === 200 ? objectAnswer.safeParse(answer.body) : undefined;
      if (parsed?.success) return { kind: 'known', state: parsed.data };
    }
    const silent = answers.flatMap((answer) => (answer.kind === 'silent' ? [answer.reason] : []));
    return silent.length === 0 && answers.length > 0
      ? { kind: 'not-known' }
      : { kind: 'no-answer', reason: silent.join(' ') || 'No dispatcher is known to this service (DISPATCHER_URLS).' };
  }

  async #askAll(path: string): Promise<Answer[]> {
    const { urls, replicasOf: replicas = replicasOf } = this.#options;
    const all = (await Promise.all(urls.map((url) => replicas(url)))).flat();
    return Promise.all(all.map((url) => this.#ask(url, path)));
  }

  async #ask(url: string, path: string): Promise<Answer> {
    const { token, timeoutMs = TIMEOUT_MS, fetch: request = fetch } = this.#options;
    try {
      const response = await request(new URL(path, url), {
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (response.status === 401 || response.status === 403)
        return silence(url, 'refuses the INTERNAL_TOKEN of this service');
      if (!response.ok && response.status !== 404) return silence(url, `answers with status ${response.status}`);
      return { kind: 'answer', url, status: response.status, body: await response.json().catch(() => undefined) };
    } catch (error) {
      const slow = error instanceof Error && error.name === 'TimeoutError';
      return silence(url, slow ? `did not answer within ${timeoutMs} ms` : 'cannot be reached');
    }
  }
}

type Answer =
  | { readonly kind: 'answer'; readonly url: string; readonly status: number; readonly body: unknown }
  | { readonly kind: 'silent'; readonly url: string; readonly reason: string };

const silence = (url: string, what: string): Answer => ({
  kind: 'silent',
  url,
  reason: `The dispatcher at ${new URL(url).host} ${what}.`,
});

/** Of two replicas that speak of one SP connection the one that works on it is believed: it has numbers, and says what stops it. */
function merge(states: Map<string, ConnectionState>, state: ConnectionState): void {
  const known = states.get(state.name);
  if (!known || knowledge(state) > knowledge(known)) states.set(state.name, state);
}

const knowledge = ({ counts, block }: ConnectionState): number => (counts ? 2 : 0) + (block ? 1 : 0);
