import type { ObjectType } from '@provisor/contracts';
import type {
  CallContext,
  CallOutcome,
  Connector,
  FoundAccountWithKeys,
  LookupAnswer,
  LookupRequest,
} from '@provisor/provisioning';

export interface CensusOptions {
  readonly connector: Pick<Connector, 'list' | 'matchKeysOf'>;
  readonly objectType: ObjectType;
  /** Mapped target paths: what is to be known of each account. */
  readonly paths: readonly string[];
  readonly now: () => number;
}

/** More accounts than this are not kept in memory; look-ups take over. */
const MAX_ACCOUNTS = 200_000;
/** A census is a picture of one moment: after this time it is not believed any more. */
const MAX_AGE_MS = 15 * 60_000;
/** After a census that failed, look-ups serve for this long. */
const PAUSE_MS = 60_000;
/** What a listing came to; `outcome` is why the target gave none, where it said so. */
export type CensusEnding = { readonly complete: true } | { readonly complete: false; readonly outcome?: CallOutcome };
type Accounts = Map<string, FoundAccountWithKeys | 'several'>;

/** A guard against a target that never ends its list. */
const MAX_PAGES = 20_000;

/**
 * One listing of all accounts before a load of many, instead of one look-up each. Only a complete listing counts: half of one
 * proves no absence.
 */
export class Census {
  readonly #options: CensusOptions;
  #accounts: Accounts | undefined;
  #takenAt = 0;
  #failedAt: number | undefined;
  #taking: Promise<CensusEnding> | undefined;

  constructor(options: CensusOptions) {
    this.#options = options;
  }

  get taking(): boolean {
    return this.#taking !== undefined;
  }

  /** Is there a complete census that may be believed? */
  get valid(): boolean {
    return this.#accounts !== undefined && this.#options.now() - this.#takenAt < MAX_AGE_MS;
  }

  /** Would it be of use to take one now? */
  get worthwhile(): boolean {
    if (this.valid || this.taking) return false;
    return this.#failedAt === undefined || this.#options.now() - this.#failedAt >= PAUSE_MS;
  }

  /** Lists everything once; callers at the same time share one. Never rejects. */
  take(context: CallContext): Promise<CensusEnding> {
    this.#taking ??= this.#take(context)
      .catch((): CallOutcome | undefined => undefined)
      .then((came) => {
        this.#taking = undefined;
        this.#accounts = came instanceof Map ? came : undefined;
        this.#failedAt = this.#accounts === undefined ? this.#options.now() : undefined;
        if (came instanceof Map) return { complete: true };
        return came === undefined ? { complete: false } : { complete: false, outcome: came };
      });
    return this.#taking;
  }

  /** What the census says of an object; undefined where only a look-up can tell. */
  find(request: LookupRequest): LookupAnswer | undefined {
    if (!this.valid || this.#accounts === undefined) return undefined;
    for (const key of this.#options.connector.matchKeysOf(request)) {
      const account = this.#accounts.get(key);
      if (account === 'several') return undefined;
      if (account !== undefined) return { kind: 'found', account };
    }
    return { kind: 'none' };
  }

  /** The load is over: what was seen then says nothing about later. */
  forget(): void {
    this.#accounts = undefined;
  }

  async #take(context: CallContext): Promise<Accounts | CallOutcome | undefined> {
    const accounts: Accounts = new Map();
    const startedAt = this.#options.now();
    let seen = 0;
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      if (context.signal.aborted) return undefined;
      const answer = await this.#options.connector.list(
        {
          objectType: this.#options.objectType,
          paths: this.#options.paths,
          ...(cursor === undefined ? {} : { cursor }),
        },
        context,
      );
      if (answer.kind !== 'page') return answer.outcome;
      for (const account of answer.accounts) keep(accounts, account);
      seen += answer.accounts.length;
      if (seen > MAX_ACCOUNTS) return undefined;
      if (answer.cursor === undefined) {
        this.#takenAt = startedAt;
        return accounts;
      }
      cursor = answer.cursor;
    }
    return undefined;
  }
}

function keep(accounts: Accounts, account: FoundAccountWithKeys): void {
  for (const key of account.matchKeys) {
    const present = accounts.get(key);
    const other = present !== undefined && (present === 'several' || present.targetId !== account.targetId);
    accounts.set(key, other ? 'several' : account);
  }
}
