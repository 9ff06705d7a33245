import { durationMs, type ScimTarget } from '@provisor/contracts';
import type {
  CallContext,
  CallOutcome,
  Connector,
  CreateRequest,
  ListAnswer,
  ListRequest,
  LookupAnswer,
  LookupRequest,
  MembersOutcome,
  MembersRequest,
  ReadRequest,
  RemoveRequest,
  SeenAccount,
  TargetDescription,
  UpdateRequest,
} from '@provisor/provisioning';
import { createAccount } from './account/create-account.js';
import { listAccounts } from './account/list-accounts.js';
import { lookUp } from './account/look-up.js';
import { matchKey, matchValues } from './account/match-keys.js';
import { readBack } from './account/read-back.js';
import { readSingle } from './account/read-single.js';
import { removeAccount } from './account/remove-account.js';
import { updateAccount } from './account/update-account.js';
import { outcomeOf } from './codes.js';
import { Credentials, type ResolveSecret } from './http/credentials.js';
import { ScimHttp } from './http/scim-http.js';
import { changeMembers, membersPerRequest } from './members/change-members.js';
import { mergeProfile, namedDeviations, ProfileProblem } from './profile/merge-profile.js';
import { isOutcome, resourceOf, ScimSession, type Discovered } from './scim-session.js';

/** The part of a logger that the connector uses. */
export interface ConnectorLog {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface ScimConnectorOptions {
  readonly target: ScimTarget;
  readonly resolveSecret: ResolveSecret;
  /** Overrides the vendor profile's match lists. */
  readonly match?: { readonly users?: readonly string[]; readonly groups?: readonly string[] };
  /** Some service providers refuse requests without one. */
  readonly userAgent?: string;
  /** Most sockets to the target; at least the concurrency of its limit scope. 128 unless given. */
  readonly connections?: number;
  readonly log?: ConnectorLog;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const DISCOVERY_TTL_MS = 10 * 60_000;

/** A connector for one SCIM 2.0 service provider. A configuration that does not fit makes every call end `halted`. */
export function createScimConnector(options: ScimConnectorOptions): Connector {
  try {
    return new ScimConnector(openSession(options), options);
  } catch (error) {
    if (error instanceof ProfileProblem)
      return new MisconfiguredConnector(outcomeOf('scim.profile', { cause: error.message }));
    throw error;
  }
}

/** What is wrong with a target's vendor profile and its overrides, in words; undefined if nothing is. */
export function profileProblem(target: Pick<ScimTarget, 'vendorProfile' | 'profile'>): string | undefined {
  try {
    mergeProfile({ discovered: {}, named: namedDeviations(target.vendorProfile), override: target.profile });
    return undefined;
  } catch (error) {
    if (error instanceof ProfileProblem) return error.message;
    throw error;
  }
}

function openSession({ target, match, ...options }: ScimConnectorOptions): ScimSession {
  const named = namedDeviations(target.vendorProfile);
  const override = {
    ...target.profile,
    ...(match?.users === undefined ? {} : { 'users.match': match.users }),
    ...(match?.groups === undefined ? {} : { 'groups.match': match.groups }),
  };
  const base = mergeProfile({ discovered: {}, named, override });
  const credentials = new Credentials(target.auth, options.resolveSecret);
  const http = new ScimHttp({
    baseUrl: target.baseUrl,
    timeoutMs: durationMs(target.timeout),
    allowInsecure: target.allowInsecure,
    connections: options.connections ?? 128,
    credentials,
    headers: { 'user-agent': options.userAgent ?? 'Provisor', ...base.headers },
    query: base.query,
    media: base.media,
    maxAnswerBytes: MAX_ANSWER_BYTES,
  });
  return new ScimSession({ http, credentials, named, override, now: options.now ?? Date.now });
}

class ScimConnector implements Connector {
  readonly #session: ScimSession;
  readonly #options: ScimConnectorOptions;

  constructor(session: ScimSession, options: ScimConnectorOptions) {
    this.#session = session;
    this.#options = options;
  }

  async describe(context: CallContext): ReturnType<Connector['describe']> {
    const discovered = await this.#session.discovered(context, DISCOVERY_TTL_MS);
    if (isOutcome(discovered)) {
      this.#options.log?.warn('The service provider could not be asked about itself.', { outcome: discovered });
      return { kind: 'failed', outcome: discovered };
    }
    return { kind: 'described', description: this.#description(discovered) };
  }

  lookup(request: LookupRequest, context: CallContext): Promise<LookupAnswer> {
    return lookUp(this.#session, request, context);
  }

  matchKeysOf(request: LookupRequest): readonly string[] {
    return matchValues(this.#session.baseProfile, request).map(({ attribute, value }) => matchKey(attribute, value));
  }

  create(request: CreateRequest, context: CallContext): Promise<CallOutcome> {
    return createAccount(this.#session, request, context);
  }

  update(request: UpdateRequest, context: CallContext): Promise<CallOutcome> {
    return updateAccount(this.#session, request, context);
  }

  remove(request: RemoveRequest, context: CallContext): Promise<CallOutcome> {
    return removeAccount(this.#session, request, context);
  }

  read(request: ReadRequest, context: CallContext): Promise<LookupAnswer> {
    return readSingle(this.#session, request, context);
  }

  readBack(request: RemoveRequest, context: CallContext): Promise<SeenAccount> {
    return readBack(this.#session, request, context);
  }

  changeMembers(request: MembersRequest, context: CallContext): Promise<MembersOutcome> {
    return changeMembers(this.#session, request, context);
  }

  list(request: ListRequest, context: CallContext): Promise<ListAnswer> {
    return listAccounts(this.#session, request, context);
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  #description({ profile, deviations, documents, missing }: Discovered): TargetDescription {
    return {
      groups: profile.groups.supported,
      maxMembersPerCall: membersPerRequest(this.#session, profile),
      list: profile.paging.mode !== 'none',
      listsMembers: profile.groups.listsMembers,
      visibleAfterMs: durationMs(profile.timeouts.visibleAfterCreate),
      refusesTwins: (['user', 'group'] as const).filter((type) => resourceOf(profile, type).unique.length > 0),
      facts: {
        vendorProfile: this.#options.target.vendorProfile,
        discovered: deviations,
        missing,
        overridden: this.#options.target.profile,
        effective: profile,
        learnt: { ...this.#session.learnt },
        documents,
      },
    };
  }
}

/** Stands in where the configuration does not fit: the SP connection halts with the reason, the process goes on. */
class MisconfiguredConnector implements Connector {
  readonly #outcome: CallOutcome;

  constructor(outcome: CallOutcome) {
    this.#outcome = outcome;
  }

  async describe(): ReturnType<Connector['describe']> {
    return { kind: 'failed', outcome: this.#outcome };
  }
  async lookup(): Promise<LookupAnswer> {
    return { kind: 'failed', outcome: this.#outcome };
  }
  matchKeysOf(): readonly string[] {
    return [];
  }
  async create(): Promise<CallOutcome> {
    return this.#outcome;
  }
  async update(): Promise<CallOutcome> {
    return this.#outcome;
  }
  async remove(): Promise<CallOutcome> {
    return this.#outcome;
  }
  async changeMembers(): Promise<MembersOutcome> {
    return { outcome: this.#outcome, refused: new Map() };
  }
  async list(): Promise<ListAnswer> {
    return { kind: 'failed', outcome: this.#outcome };
  }
  async close(): Promise<void> {}
}
