/** What goes wrong. `effect` says whether the request is carried out although its answer is bad. */
export type FaultKind =
  /** Carried out, then the connection is cut without an answer. */
  | { readonly kind: 'lost-answer' }
  /** The connection is cut and nothing is carried out. */
  | { readonly kind: 'reset' }
  /** Answered correctly, so many milliseconds late. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** 429. `style` is the header that names the delay. */
  | { readonly kind: 'throttle'; readonly seconds: number; readonly style: ThrottleStyle }
  /** Any status, with a SCIM error, HTML, text or no body. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly effect?: boolean;
      readonly body?: 'scim' | 'html' | 'text' | 'empty';
      readonly detail?: string;
      readonly scimType?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Carried out; the JSON of the answer stops in the middle. */
  | { readonly kind: 'truncated' }
  /** Carried out; the answer has no `id`. */
  | { readonly kind: 'without-id' }
  /** A filter that is not understood: the list holds everybody. */
  | { readonly kind: 'filter-ignored' };

export type ThrottleStyle =
  'retry-after' | 'retry-after-date' | 'x-retry-after' | 'x-ratelimit-reset' | 'ratelimit-reset' | 'none';

/** Which requests a fault hits. All that is given must hold. */
export interface FaultMatch {
  readonly method?: string;
  /** Start of the path below the base URL, such as `/Users`, or a pattern. */
  readonly path?: string | RegExp;
  /** The `key` of the ledger. */
  readonly key?: string;
  /** Text that the body contains. */
  readonly body?: string;
}

export type Fault = FaultKind & {
  readonly on?: FaultMatch;
  /** Let so many matching requests pass first. */
  readonly after?: number;
  /** Hits so many requests, then is spent; 1 unless given. */
  readonly times?: number;
};

export interface FaultyRequest {
  readonly method: string;
  readonly path: string;
  readonly key: string;
  readonly body: string;
}

/** Scripted faults of one tenant. The first one that matches a request hits it; faults that are spent are forgotten. */
export class Faults {
  #pending: { fault: Fault; skip: number; left: number }[] = [];

  add(...faults: readonly Fault[]): void {
    for (const fault of faults) {
      this.#pending.push({ fault, skip: fault.after ?? 0, left: fault.times ?? 1 });
    }
  }

  clear(): void {
    this.#pending = [];
  }

  /** Number of faults that have not been spent. */
  get pending(): number {
    return this.#pending.length;
  }

  take(request: FaultyRequest): Fault | undefined {
    if (this.#pending.length === 0) return undefined;
    const candidates = this.#pending.filter(({ fault }) => hits(fault.on ?? {}, request));
    const chosen = candidates.find((candidate) => candidate.skip === 0);
    for (const candidate of candidates) if (candidate.skip > 0) candidate.skip -= 1;
    if (chosen === undefined) return undefined;
    chosen.left -= 1;
    if (chosen.left === 0) this.#pending = this.#pending.filter((candidate) => candidate !== chosen);
    return chosen.fault;
  }
}

function hits(match: FaultMatch, request: FaultyRequest): boolean {
  const { method, path, key, body } = match;
  if (method !== undefined && method !== request.method) return false;
  if (key !== undefined && key !== request.key) return false;
  if (body !== undefined && !request.body.includes(body)) return false;
  if (path === undefined) return true;
  return typeof path === 'string' ? request.path.startsWith(path) : path.test(request.path);
}

/** The headers of a 429 in the given style. `now` in milliseconds since the epoch. */
export function throttleHeaders(style: ThrottleStyle, seconds: number, now: number): Record<string, string> {
  switch (style) {
    case 'retry-after':
      return { 'retry-after': String(seconds) };
    case 'retry-after-date':
      return { 'retry-after': new Date(now + seconds * 1000).toUTCString() };
    case 'x-retry-after':
      return { 'x-retry-after': String(seconds) };
    case 'x-ratelimit-reset':
      return { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.ceil(now / 1000) + seconds) };
    case 'ratelimit-reset':
      return { 'ratelimit-remaining': '0', 'ratelimit-reset': String(seconds) };
    case 'none':
      return {};
  }
}
