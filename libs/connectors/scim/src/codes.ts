import type { CallOutcome } from '@provisor/provisioning';

interface CodeEntry {
  readonly kind: CallOutcome['kind'];
  /** What a person can do about it. */
  readonly remedy?: string;
}

/** Every code that an outcome of this connector can carry, with what it means for the dispatcher and for people. */
export const SCIM_CODES = {
  'scim.ok': { kind: 'applied' },
  'scim.unchanged': { kind: 'unchanged' },
  'scim.already-gone': { kind: 'applied' },
  'scim.vanished': { kind: 'vanished' },

  'scim.uniqueness': {
    kind: 'rejected',
    remedy:
      'Another account at the service provider holds this user name, externalId or group name. Link it, rename one of them, or remove it there.',
  },
  'scim.invalid': {
    kind: 'rejected',
    remedy:
      'Correct the attribute mapping or the value at the source; the cause says what the service provider did not accept.',
  },
  'scim.mutability': {
    kind: 'rejected',
    remedy:
      'The service provider does not let this attribute change. Mark it create-only in the mapping, or name it under profile users.immutable.',
  },
  'scim.version-conflict': {
    kind: 'retryable',
    remedy: 'Somebody else changes this resource all the time. Find out who else writes to the service provider.',
  },
  'scim.conflict': {
    kind: 'retryable',
    remedy: 'The service provider reports a concurrent change; it is tried again.',
  },
  'scim.too-large': {
    kind: 'rejected',
    remedy: 'The service provider refuses a request of this size. Map fewer or shorter values.',
  },
  'scim.object-refused': {
    kind: 'rejected',
    remedy:
      'The service provider refuses this one object, for example a protected administrator account. Take it out of scope or change it there.',
  },
  'scim.delete-irreversible': {
    kind: 'rejected',
    remedy:
      'A delete cannot be undone at this service provider. Set profile deprovision.allowIrreversible to true, or let the policy disable instead.',
  },
  'scim.disable-unsupported': {
    kind: 'rejected',
    remedy: 'This service provider cannot disable accounts. Let the policy delete or keep them.',
  },
  'scim.delete-unsupported': {
    kind: 'rejected',
    remedy: 'This service provider cannot delete this. Let the policy keep it.',
  },
  'scim.groups-unsupported': {
    kind: 'rejected',
    remedy: 'This service provider has no groups. Remove the groups from the channels.',
  },
  'scim.filter-ignored': {
    kind: 'rejected',
    remedy:
      'The service provider answers searches with accounts that were not asked for. Name under profile users.match only attributes that it can filter on.',
  },
  'scim.filter-refused': {
    kind: 'rejected',
    remedy:
      'The service provider refuses every search for this object. Name under profile users.match only attributes that it can filter on.',
  },
  'scim.created-without-id': {
    kind: 'retryable',
    remedy: 'The account is looked up before anything is created again.',
  },
  'scim.pending': {
    kind: 'retryable',
    remedy: 'The service provider has accepted the change and carries it out later; it is looked up again.',
  },
  'scim.not-scim': {
    kind: 'retryable',
    remedy: 'The answer is not SCIM. Check the base URL, and whether a proxy or a login page stands between.',
  },
  'scim.endpoint-missing': {
    kind: 'halted',
    remedy: 'The SCIM endpoint does not exist at this base URL. Check baseUrl, including its path.',
  },
  'scim.operation-missing': {
    kind: 'halted',
    remedy:
      'The service provider does not offer this operation. Choose its vendor profile, or set profile update.verb.',
  },
  'scim.version-unsupported': { kind: 'halted', remedy: 'The service provider does not speak SCIM 2.0.' },
  'scim.profile': { kind: 'halted', remedy: 'Correct target.vendorProfile or target.profile of the SP connection.' },
  'scim.cursor-expired': {
    kind: 'retryable',
    remedy: 'The listing took too long for the service provider and starts over.',
  },
  'scim.members-postponed': {
    kind: 'retryable',
    remedy: 'Too many members were refused in one call; the rest is tried again.',
  },

  'auth.refused': {
    kind: 'halted',
    remedy: 'The service provider does not accept the credentials. Renew the token or password of the SP connection.',
  },
  'auth.forbidden': {
    kind: 'halted',
    remedy: 'The credentials are valid but do not allow this. Give them the rights to manage users and groups.',
  },
  'auth.secret': {
    kind: 'halted',
    remedy: 'The secret of the SP connection cannot be read. Check where it refers to.',
  },

  'http.throttled': {
    kind: 'retryable',
    remedy: 'The service provider limits the rate. Nothing to do; lower limits.requestsPerSecond if it stays so.',
  },
  'http.unavailable': { kind: 'retryable', remedy: 'The service provider is out of order for now; it is tried again.' },
  'http.server-error': {
    kind: 'retryable',
    remedy: 'The service provider failed; it is tried again. If it stays so, ask its operator with the cause.',
  },
  'http.retry': { kind: 'retryable', remedy: 'The service provider asks to try again later.' },
  'http.timeout': {
    kind: 'retryable',
    remedy: 'The service provider did not answer in time. Raise target.timeout if it is known to be slow.',
  },
  'http.network': {
    kind: 'retryable',
    remedy: 'The service provider cannot be reached. Check network, firewall and baseUrl.',
  },
  'http.dns': {
    kind: 'retryable',
    remedy: 'The host name of the service provider is not known. Check baseUrl and the name servers.',
  },
  'http.aborted': {
    kind: 'retryable',
    remedy: 'The call was given up because the dispatcher stops or hands over; it is tried again.',
  },
  'http.tls': {
    kind: 'halted',
    remedy: 'The certificate of the service provider is not trusted. Check baseUrl and the trusted certificates.',
  },
  'http.redirect': {
    kind: 'halted',
    remedy:
      'The service provider redirects elsewhere, where credentials are never sent. Set baseUrl to the final address.',
  },
  'http.answer-too-large': {
    kind: 'rejected',
    remedy: 'The answer is larger than the limit. Lower profile paging.maxPage.',
  },
  'http.insecure': {
    kind: 'halted',
    remedy: 'Use https, or set target.allowInsecure for a service provider inside the own network.',
  },
  'http.private-address': {
    kind: 'halted',
    remedy:
      'The host resolves to a private, loopback or link-local address. Set target.allowInsecure if that is meant.',
  },
} as const satisfies Record<string, CodeEntry>;

export type ScimCode = keyof typeof SCIM_CODES;

const MAX_CAUSE = 500;

interface OutcomeDetails {
  readonly cause?: string;
  readonly httpStatus?: number | undefined;
  readonly targetId?: string | undefined;
  readonly targetVersion?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly throttled?: boolean;
  readonly ambiguous?: boolean;
  readonly systemic?: boolean;
}

/** An outcome of the kind that its code stands for, with the code's remedy. Details that say nothing are left out. */
export function outcomeOf(code: ScimCode, details: OutcomeDetails = {}): CallOutcome {
  const entry: CodeEntry = SCIM_CODES[code];
  const outcome: Record<string, unknown> = { kind: entry.kind, code };
  for (const [key, value] of Object.entries(details)) {
    if (value !== undefined && value !== false) outcome[key] = value;
  }
  if (details.cause !== undefined) outcome.cause = shorten(details.cause);
  if (entry.remedy !== undefined) outcome.remedy = entry.remedy;
  return outcome as unknown as CallOutcome;
}

const shorten = (text: string): string => (text.length <= MAX_CAUSE ? text : `${text.slice(0, MAX_CAUSE - 1)}…`);

/** The outcome of a request that came after others of the same call: those have had their effect. */
export const ambiguous = (outcome: CallOutcome): CallOutcome =>
  outcome.kind === 'retryable' ? { ...outcome, ambiguous: true } : outcome;
