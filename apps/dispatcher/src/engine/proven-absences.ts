import type { Connector, LookupRequest } from '@provisor/provisioning';

export interface ProvenAbsencesOptions {
  readonly connector: Pick<Connector, 'matchKeysOf'>;
  readonly now: () => number;
}

/** As a census is: a picture of one moment is not believed for ever. */
const MAX_AGE_MS = 15 * 60_000;

/**
 * Objects of which a complete listing has shown no account, neither by id nor by a match key. They need no look-up before they are
 * created again where the target refuses a second account of the same name. Kept in memory alone: without it, they are looked up.
 */
export class ProvenAbsences {
  readonly #options: ProvenAbsencesOptions;
  readonly #proven = new Map<string, { readonly keys: string; readonly until: number }>();

  constructor(options: ProvenAbsencesOptions) {
    this.#options = options;
  }

  /** What an earlier listing proved is forgotten. */
  replace(requests: readonly LookupRequest[]): void {
    this.#proven.clear();
    const until = this.#options.now() + MAX_AGE_MS;
    for (const request of requests) this.#proven.set(nameOf(request), { keys: this.#keysOf(request), until });
  }

  /** Only under the keys that were looked for: who has got another name since may have an account under that. */
  has(request: LookupRequest): boolean {
    const proven = this.#proven.get(nameOf(request));
    return proven !== undefined && this.#options.now() < proven.until && proven.keys === this.#keysOf(request);
  }

  #keysOf(request: LookupRequest): string {
    return JSON.stringify(this.#options.connector.matchKeysOf(request));
  }
}

const nameOf = ({ objectType, objectId }: LookupRequest): string => `${objectType} ${objectId}`;
