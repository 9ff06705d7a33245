import type { ObjectType } from '@provisor/contracts';
import type { CallContext, CallOutcome } from '@provisor/provisioning';
import { outcomeOf } from './codes.js';
import { discover } from './discovery/discover.js';
import { readDiscovery, type DiscoveryDocuments } from './discovery/read-discovery.js';
import { classifyAnswer, classifyFailure, type Classified, type Operation } from './http/classify-answer.js';
import type { Credentials } from './http/credentials.js';
import { isFailure, type HttpAnswer } from './http/http-answer.js';
import type { ScimHttp, ScimRequest } from './http/scim-http.js';
import { mergeProfile, type ProfileSources } from './profile/merge-profile.js';
import type { ProfileDeviations, VendorProfile } from './profile/vendor-profile.js';

/** A success, or what the refusal means. */
export type Reply =
  { readonly ok: true; readonly answer: HttpAnswer } | { readonly ok: false; readonly classified: Classified };

/** What this connection has learnt about its target from refusals; forgotten with the process. */
export interface Learnt {
  put: boolean;
  wholeAttributes: boolean;
  ifMatch: boolean;
  maxMembers: number;
}

export interface SessionParts {
  readonly http: ScimHttp;
  readonly credentials: Credentials;
  readonly named: ProfileDeviations;
  readonly override: ProfileSources['override'];
  readonly now: () => number;
}

export interface Discovered {
  readonly profile: VendorProfile;
  readonly deviations: ProfileDeviations;
  readonly documents: DiscoveryDocuments;
  readonly missing: readonly string[];
  readonly at: number;
}

/** What all operations on one target share: its HTTP, its effective profile, and what was learnt. */
export class ScimSession {
  readonly learnt: Learnt = { put: false, wholeAttributes: false, ifMatch: false, maxMembers: Number.MAX_SAFE_INTEGER };
  readonly now: () => number;
  readonly #parts: SessionParts;
  #discovered: Discovered | undefined;
  #discovering: Promise<Discovered | CallOutcome> | undefined;

  /** Throws ProfileProblem if the override does not fit the profile's schema. */
  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.now = parts.now;
    this.baseProfile = mergeProfile({ discovered: {}, named: parts.named, override: parts.override });
  }

  /** Without discovery. */
  readonly baseProfile: VendorProfile;

  /** The effective profile. The target is asked about itself once, by whoever comes first. */
  async profile(context: CallContext): Promise<VendorProfile | CallOutcome> {
    if (this.#discovered !== undefined) return this.#discovered.profile;
    const discovered = await this.discovered(context, Number.POSITIVE_INFINITY);
    return 'kind' in discovered ? discovered : discovered.profile;
  }

  /** Discovery, repeated if it is older than `maxAgeMs`. */
  async discovered(context: CallContext, maxAgeMs: number): Promise<Discovered | CallOutcome> {
    if (this.#discovered !== undefined && this.now() - this.#discovered.at <= maxAgeMs) return this.#discovered;
    this.#discovering ??= this.#discover(context).finally(() => (this.#discovering = undefined));
    return this.#discovering;
  }

  /** Sends one request. A media type that is not taken is replaced and the request repeated, once for the connection. */
  async send(
    request: ScimRequest,
    how: { operation: Operation; secrets?: readonly string[] },
    context: CallContext,
  ): Promise<Reply> {
    const result = await this.#parts.http.request(request, context);
    if (isFailure(result)) return { ok: false, classified: { outcome: classifyFailure(result, how.operation) } };
    if (result.status >= 200 && result.status < 300) return { ok: true, answer: result };
    const classified = classifyAnswer(result, {
      operation: how.operation,
      errors: (this.#discovered?.profile ?? this.baseProfile).errors,
      now: this.now(),
      secrets: [...this.#parts.credentials.secrets, ...(how.secrets ?? [])],
    });
    if (classified.replan === 'media' && this.#parts.http.switchMedia()) return this.send(request, how, context);
    return { ok: false, classified };
  }

  close(): Promise<void> {
    return this.#parts.http.close();
  }

  async #discover(context: CallContext): Promise<Discovered | CallOutcome> {
    const { named, override, http } = this.#parts;
    const at = this.now();
    if (!this.baseProfile.discovery.enabled) {
      return (this.#discovered = { profile: this.baseProfile, deviations: {}, documents: {}, missing: [], at });
    }
    const answer = await discover(http, this.baseProfile, context, at);
    if (answer.kind === 'failed') return answer.outcome;
    const deviations = readDiscovery(answer.documents);
    const profile = mergeProfile({ discovered: deviations, named, override });
    return (this.#discovered = { profile, deviations, documents: answer.documents, missing: answer.missing, at });
  }
}

/** What reading needs of a session. */
export type ReadSession = Pick<ScimSession, 'profile' | 'send'>;

export const isOutcome = (value: VendorProfile | Discovered | CallOutcome): value is CallOutcome => 'kind' in value;

/** The part of a profile that is about this type of object. */
export const resourceOf = (profile: VendorProfile, objectType: ObjectType) =>
  objectType === 'user' ? profile.users : profile.groups;

/** The path of one resource; the id is whatever the target made it, so it is encoded. */
export function resourceRequest(
  profile: VendorProfile,
  objectType: ObjectType,
  targetId: string,
): { readonly path: string; readonly route: string } {
  const { endpoint } = resourceOf(profile, objectType);
  return { path: `${endpoint}/${encodeURIComponent(targetId)}`, route: `${endpoint}/{id}` };
}

/** A group at a target without groups. */
export const unsupportedType = (profile: VendorProfile, objectType: ObjectType): CallOutcome | undefined =>
  objectType === 'group' && !profile.groups.supported ? outcomeOf('scim.groups-unsupported') : undefined;
