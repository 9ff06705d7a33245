// Generated from docs/contracts/openapi.json by libs/admin-client/src/generator/main.ts. Not to be edited.

import type { Call, CallOptions } from '../call.js';

export type ApplyReport = {
  readonly dryRun: boolean;
  /** In the order of the request */
  readonly changes: readonly (DocumentChange)[];
};

/** the name of a source attribute, or a rule with one of source, sources, expression, constant, generate, reference */
export type AttributeRule = string | {
  /** the name of a source attribute */
  readonly source: string;
  /** a value used when no source has one, or when the expression fails */
  readonly default?: string | number | boolean | readonly (string | number | boolean)[];
  /** sent when the account is created, never afterwards */
  readonly createOnly: boolean;
  /** never shown: sealed on topics and in tables, left out of logs and results */
  readonly masked: boolean;
  /** white space at both ends is removed */
  readonly trim: boolean;
  /** letters are changed to upper or lower case */
  readonly case: "none" | "upper" | "lower";
  /** cnFromDn: the common name of a DN; localPart: what stands before the @ of a mail address */
  readonly parse: "none" | "cnFromDn" | "localPart";
  /** all values rather than the first one */
  readonly multiple: boolean;
  /** the type of the value at the target */
  readonly type: "string" | "boolean" | "integer";
} | {
  /** source attributes: the first that has a value; all of them where join or multiple is given */
  readonly sources: readonly (string)[];
  /** text between the values of the sources, which are joined to one */
  readonly join?: string;
  /** a value used when no source has one, or when the expression fails */
  readonly default?: string | number | boolean | readonly (string | number | boolean)[];
  /** sent when the account is created, never afterwards */
  readonly createOnly: boolean;
  /** never shown: sealed on topics and in tables, left out of logs and results */
  readonly masked: boolean;
  /** white space at both ends is removed */
  readonly trim: boolean;
  /** letters are changed to upper or lower case */
  readonly case: "none" | "upper" | "lower";
  /** cnFromDn: the common name of a DN; localPart: what stands before the @ of a mail address */
  readonly parse: "none" | "cnFromDn" | "localPart";
  /** all values rather than the first one */
  readonly multiple: boolean;
  /** the type of the value at the target */
  readonly type: "string" | "boolean" | "integer";
} | {
  /** a CEL expression over attr (name to list of values), objectId, dn and enabled */
  readonly expression: string;
  /** a value used when no source has one, or when the expression fails */
  readonly default?: string | number | boolean | readonly (string | number | boolean)[];
  /** sent when the account is created, never afterwards */
  readonly createOnly: boolean;
  /** never shown: sealed on topics and in tables, left out of logs and results */
  readonly masked: boolean;
  /** white space at both ends is removed */
  readonly trim: boolean;
  /** letters are changed to upper or lower case */
  readonly case: "none" | "upper" | "lower";
  /** cnFromDn: the common name of a DN; localPart: what stands before the @ of a mail address */
  readonly parse: "none" | "cnFromDn" | "localPart";
  /** all values rather than the first one */
  readonly multiple: boolean;
  /** the type of the value at the target */
  readonly type: "string" | "boolean" | "integer";
} | {
  /** the same value for every object */
  readonly constant: string | number | boolean | readonly (string | number | boolean)[];
  /** a value used when no source has one, or when the expression fails */
  readonly default?: string | number | boolean | readonly (string | number | boolean)[];
  /** sent when the account is created, never afterwards */
  readonly createOnly: boolean;
  /** never shown: sealed on topics and in tables, left out of logs and results */
  readonly masked: boolean;
  /** white space at both ends is removed */
  readonly trim: boolean;
  /** letters are changed to upper or lower case */
  readonly case: "none" | "upper" | "lower";
  /** cnFromDn: the common name of a DN; localPart: what stands before the @ of a mail address */
  readonly parse: "none" | "cnFromDn" | "localPart";
  /** all values rather than the first one */
  readonly multiple: boolean;
  /** the type of the value at the target */
  readonly type: "string" | "boolean" | "integer";
} | {
  /** made when the account is created, never stored or shown; createOnly and masked are implied */
  readonly generate: {
    /** number of characters */
    readonly length: number;
  };
  /** a value used when no source has one, or when the expression fails */
  readonly default?: string | number | boolean | readonly (string | number | boolean)[];
  /** sent when the account is created, never afterwards */
  readonly createOnly: boolean;
  /** never shown: sealed on topics and in tables, left out of logs and results */
  readonly masked: boolean;
  /** white space at both ends is removed */
  readonly trim: boolean;
  /** letters are changed to upper or lower case */
  readonly case: "none" | "upper" | "lower";
  /** cnFromDn: the common name of a DN; localPart: what stands before the @ of a mail address */
  readonly parse: "none" | "cnFromDn" | "localPart";
  /** all values rather than the first one */
  readonly multiple: boolean;
  /** the type of the value at the target */
  readonly type: "string" | "boolean" | "integer";
} | {
  /** a source attribute that names another object, such as manager; sent as that object's id at the target */
  readonly reference: string;
};

/** the name of a source attribute, or a rule with one of source, sources, expression, constant, generate, reference */
export type AttributeRuleInput = string | {
  /** the name of a source attribute */
  readonly source: string;
  /** a value used when no source has one, or when the expression fails */
  readonly default?: string | number | boolean | readonly (string | number | boolean)[];
  /** sent when the account is created, never afterwards */
  readonly createOnly?: boolean;
  /** never shown: sealed on topics and in tables, left out of logs and results */
  readonly masked?: boolean;
  /** white space at both ends is removed */
  readonly trim?: boolean;
  /** letters are changed to upper or lower case */
  readonly case?: "none" | "upper" | "lower";
  /** cnFromDn: the common name of a DN; localPart: what stands before the @ of a mail address */
  readonly parse?: "none" | "cnFromDn" | "localPart";
  /** all values rather than the first one */
  readonly multiple?: boolean;
  /** the type of the value at the target */
  readonly type?: "string" | "boolean" | "integer";
} | {
  /** source attributes: the first that has a value; all of them where join or multiple is given */
  readonly sources: readonly (string)[];
  /** text between the values of the sources, which are joined to one */
  readonly join?: string;
  /** a value used when no source has one, or when the expression fails */
  readonly default?: string | number | boolean | readonly (string | number | boolean)[];
  /** sent when the account is created, never afterwards */
  readonly createOnly?: boolean;
  /** never shown: sealed on topics and in tables, left out of logs and results */
  readonly masked?: boolean;
  /** white space at both ends is removed */
  readonly trim?: boolean;
  /** letters are changed to upper or lower case */
  readonly case?: "none" | "upper" | "lower";
  /** cnFromDn: the common name of a DN; localPart: what stands before the @ of a mail address */
  readonly parse?: "none" | "cnFromDn" | "localPart";
  /** all values rather than the first one */
  readonly multiple?: boolean;
  /** the type of the value at the target */
  readonly type?: "string" | "boolean" | "integer";
} | {
  /** a CEL expression over attr (name to list of values), objectId, dn and enabled */
  readonly expression: string;
  /** a value used when no source has one, or when the expression fails */
  readonly default?: string | number | boolean | readonly (string | number | boolean)[];
  /** sent when the account is created, never afterwards */
  readonly createOnly?: boolean;
  /** never shown: sealed on topics and in tables, left out of logs and results */
  readonly masked?: boolean;
  /** white space at both ends is removed */
  readonly trim?: boolean;
  /** letters are changed to upper or lower case */
  readonly case?: "none" | "upper" | "lower";
  /** cnFromDn: the common name of a DN; localPart: what stands before the @ of a mail address */
  readonly parse?: "none" | "cnFromDn" | "localPart";
  /** all values rather than the first one */
  readonly multiple?: boolean;
  /** the type of the value at the target */
  readonly type?: "string" | "boolean" | "integer";
} | {
  /** the same value for every object */
  readonly constant: string | number | boolean | readonly (string | number | boolean)[];
  /** a value used when no source has one, or when the expression fails */
  readonly default?: string | number | boolean | readonly (string | number | boolean)[];
  /** sent when the account is created, never afterwards */
  readonly createOnly?: boolean;
  /** never shown: sealed on topics and in tables, left out of logs and results */
  readonly masked?: boolean;
  /** white space at both ends is removed */
  readonly trim?: boolean;
  /** letters are changed to upper or lower case */
  readonly case?: "none" | "upper" | "lower";
  /** cnFromDn: the common name of a DN; localPart: what stands before the @ of a mail address */
  readonly parse?: "none" | "cnFromDn" | "localPart";
  /** all values rather than the first one */
  readonly multiple?: boolean;
  /** the type of the value at the target */
  readonly type?: "string" | "boolean" | "integer";
} | {
  /** made when the account is created, never stored or shown; createOnly and masked are implied */
  readonly generate: {
    /** number of characters */
    readonly length?: number;
  };
  /** a value used when no source has one, or when the expression fails */
  readonly default?: string | number | boolean | readonly (string | number | boolean)[];
  /** sent when the account is created, never afterwards */
  readonly createOnly?: boolean;
  /** never shown: sealed on topics and in tables, left out of logs and results */
  readonly masked?: boolean;
  /** white space at both ends is removed */
  readonly trim?: boolean;
  /** letters are changed to upper or lower case */
  readonly case?: "none" | "upper" | "lower";
  /** cnFromDn: the common name of a DN; localPart: what stands before the @ of a mail address */
  readonly parse?: "none" | "cnFromDn" | "localPart";
  /** all values rather than the first one */
  readonly multiple?: boolean;
  /** the type of the value at the target */
  readonly type?: "string" | "boolean" | "integer";
} | {
  /** a source attribute that names another object, such as manager; sent as that object's id at the target */
  readonly reference: string;
};

export type AuditPage = {
  readonly entries: readonly ({
    readonly id: string;
    readonly at: string;
    readonly actor: string;
    readonly action: string;
    readonly subject: string;
    readonly requestId?: string;
    readonly details: Readonly<Record<string, unknown>>;
  })[];
  readonly next?: string;
};

export type ControlAccepted = {
  /** Id of the control command */
  readonly id: string;
  readonly action: string;
};

export type ControlScope = {
  /** The immutable id of an object at its data store; opaque, case-sensitive */
  readonly objectId?: string;
};

export type DataStore = {
  readonly apiVersion: "provisor/v1";
  readonly kind: "DataStore";
  readonly metadata: {
    /** a name of 1 to 63 lower-case letters, digits and hyphens */
    readonly name: string;
    /** labels for people and for selecting documents */
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    /** the kind of directory; ldap finds the best feed by itself */
    readonly type: "ldap" | "openldap" | "active-directory";
    /** ldap:// or ldaps:// URL of the directory */
    readonly url: string;
    /** TLS is begun on an ldap:// connection (RFC 4511 StartTLS) */
    readonly startTls: boolean;
    /** a PEM file with the certificate authorities to trust; those of the system where absent */
    readonly caFile?: string;
    /** log-in; anonymous where absent */
    readonly bind?: {
      /** the DN to log in with */
      readonly dn: string;
      readonly password: SecretReference;
    };
    /** the DN below which everything is read */
    readonly baseDn: string;
    /** how changes are found. changelog: cn=changelog (draft-good-ldap-changelog); poll: modify timestamps; auto: changelog where the root DSE offers it */
    readonly feed: "auto" | "changelog" | "poll";
    /** the DN of the change log */
    readonly changelogBase: string;
    /** a duration such as 250ms, 30s, 5m, 1h or 7d */
    readonly interval?: string;
    /** a duration such as 250ms, 30s, 5m, 1h or 7d */
    readonly compareEvery: string;
    /** entries per page (RFC 2696) */
    readonly pageSize: number;
    /** a duration such as 250ms, 30s, 5m, 1h or 7d */
    readonly timeout: string;
    /** the attribute with the immutable id of an entry */
    readonly idAttribute: string;
    /** the attribute with the time of the last modification */
    readonly timestampAttribute: string;
    /** which entries are users */
    readonly users: {
      /** an LDAP filter that finds users */
      readonly filter: string;
      /** a DN below which users are; baseDn where absent */
      readonly base?: string;
    };
    /** which entries are groups */
    readonly groups: {
      /** an LDAP filter that finds groups */
      readonly filter: string;
      /** a DN below which groups are; baseDn where absent */
      readonly base?: string;
      /** attributes of a group that name its members */
      readonly memberAttributes: readonly (string)[];
    };
    /** how an entry says that its account is enabled; every account counts as enabled where absent */
    readonly accountStatus?: {
      /** the attribute is compared with a text */
      readonly rule: "flag";
      /** the name of a source attribute */
      readonly attribute: string;
      /** the text with which the attribute is compared */
      readonly value: string;
      /** status where the attribute equals the text; otherwise the opposite */
      readonly enabledWhenEqual: boolean;
      /** status where the attribute is missing; true is enabled */
      readonly default: boolean;
    } | {
      /** a bit of a number; where it is set, the account is disabled */
      readonly rule: "bitmask";
      /** the name of a source attribute, such as userAccountControl */
      readonly attribute: string;
      /** the bit */
      readonly mask: number;
      /** status where the attribute is missing; true is enabled */
      readonly default: boolean;
    };
    /** attributes whose values are DNs of other objects */
    readonly referenceAttributes: readonly (string)[];
    /** attributes that are never read, whatever is mapped */
    readonly excludeAttributes: readonly (string)[];
    /** when a read that lacks objects is not believed */
    readonly health: {
      /** removals stop when a full comparison misses more than this share of the known objects */
      readonly maxMissingPercent: number;
      /** removals never stop for so few missing objects */
      readonly maxMissing: number;
    };
  };
};

export type DataStoreInput = {
  readonly apiVersion: "provisor/v1";
  readonly kind: "DataStore";
  readonly metadata: {
    /** a name of 1 to 63 lower-case letters, digits and hyphens */
    readonly name: string;
    /** labels for people and for selecting documents */
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    /** the kind of directory; ldap finds the best feed by itself */
    readonly type: "ldap" | "openldap" | "active-directory";
    /** ldap:// or ldaps:// URL of the directory */
    readonly url: string;
    /** TLS is begun on an ldap:// connection (RFC 4511 StartTLS) */
    readonly startTls?: boolean;
    /** a PEM file with the certificate authorities to trust; those of the system where absent */
    readonly caFile?: string;
    /** log-in; anonymous where absent */
    readonly bind?: {
      /** the DN to log in with */
      readonly dn: string;
      readonly password: SecretReferenceInput;
    };
    /** the DN below which everything is read */
    readonly baseDn: string;
    /** how changes are found. changelog: cn=changelog (draft-good-ldap-changelog); poll: modify timestamps; auto: changelog where the root DSE offers it */
    readonly feed?: "auto" | "changelog" | "poll";
    /** the DN of the change log */
    readonly changelogBase?: string;
    /** a duration such as 250ms, 30s, 5m, 1h or 7d */
    readonly interval?: string;
    /** a duration such as 250ms, 30s, 5m, 1h or 7d */
    readonly compareEvery?: string;
    /** entries per page (RFC 2696) */
    readonly pageSize?: number;
    /** a duration such as 250ms, 30s, 5m, 1h or 7d */
    readonly timeout?: string;
    /** the attribute with the immutable id of an entry */
    readonly idAttribute?: string;
    /** the attribute with the time of the last modification */
    readonly timestampAttribute?: string;
    /** which entries are users */
    readonly users?: {
      /** an LDAP filter that finds users */
      readonly filter?: string;
      /** a DN below which users are; baseDn where absent */
      readonly base?: string;
    };
    /** which entries are groups */
    readonly groups?: {
      /** an LDAP filter that finds groups */
      readonly filter?: string;
      /** a DN below which groups are; baseDn where absent */
      readonly base?: string;
      /** attributes of a group that name its members */
      readonly memberAttributes?: readonly (string)[];
    };
    /** how an entry says that its account is enabled; every account counts as enabled where absent */
    readonly accountStatus?: {
      /** the attribute is compared with a text */
      readonly rule: "flag";
      /** the name of a source attribute */
      readonly attribute: string;
      /** the text with which the attribute is compared */
      readonly value?: string;
      /** status where the attribute equals the text; otherwise the opposite */
      readonly enabledWhenEqual?: boolean;
      /** status where the attribute is missing; true is enabled */
      readonly default?: boolean;
    } | {
      /** a bit of a number; where it is set, the account is disabled */
      readonly rule: "bitmask";
      /** the name of a source attribute, such as userAccountControl */
      readonly attribute: string;
      /** the bit */
      readonly mask?: number;
      /** status where the attribute is missing; true is enabled */
      readonly default?: boolean;
    };
    /** attributes whose values are DNs of other objects */
    readonly referenceAttributes?: readonly (string)[];
    /** attributes that are never read, whatever is mapped */
    readonly excludeAttributes?: readonly (string)[];
    /** when a read that lacks objects is not believed */
    readonly health?: {
      /** removals stop when a full comparison misses more than this share of the known objects */
      readonly maxMissingPercent?: number;
      /** removals never stop for so few missing objects */
      readonly maxMissing?: number;
    };
  };
};

export type DataStoreStatus = {
  readonly name: string;
  readonly type: string;
  readonly configVersion: number;
  /** As change capture says; `unknown` when it does not answer */
  readonly state: string;
  readonly reason?: string;
  readonly details?: Readonly<Record<string, unknown>>;
};

export type DeadLetterHead = {
  /** `<topic>/<partition>/<offset>` of the record that failed */
  readonly id: string;
  readonly stage: string;
  readonly cause: {
    readonly code: string;
    readonly message: string;
  };
  readonly origin: {
    readonly topic: string;
    readonly partition: number;
    readonly offset: string;
    /** RFC 3339 time */
    readonly timestamp: string;
    readonly key: string | null;
    readonly headers: Readonly<Record<string, string>>;
  };
  readonly valueBytes: number;
  /** Id of the dead letter whose replay was this record: it failed again */
  readonly replayOf?: string;
  /** RFC 3339 time */
  readonly failedAt: string;
  /** What the record is about, where it says so */
  readonly spConnection?: string;
  /** When it was published again; absent for an open letter */
  readonly replayedAt?: string;
  readonly replayedBy?: string;
  /** The letter that its replay came to */
  readonly failedAgainAs?: string;
};

export type DeadLetterPage = {
  readonly deadLetters: readonly (DeadLetterHead)[];
  readonly next?: string;
};

export type DeadLetterStory = {
  /** `<topic>/<partition>/<offset>` of the record that failed */
  readonly id: string;
  readonly stage: string;
  readonly cause: {
    readonly code: string;
    readonly message: string;
  };
  readonly origin: {
    readonly topic: string;
    readonly partition: number;
    readonly offset: string;
    /** RFC 3339 time */
    readonly timestamp: string;
    readonly key: string | null;
    readonly headers: Readonly<Record<string, string>>;
  };
  /** The record's value in base64, cut at 256 KiB; `valueBytes` is its true size */
  readonly value: string | null;
  readonly valueBytes: number;
  /** The whole value of a record that `value` holds only a part of, compressed; absent where even that is too large */
  readonly whole?: {
    readonly encoding: "gzip";
    readonly value: string;
  };
  /** Id of the dead letter whose replay was this record: it failed again */
  readonly replayOf?: string;
  /** RFC 3339 time */
  readonly failedAt: string;
  /** What the record is about, where it says so */
  readonly spConnection?: string;
  /** When it was published again; absent for an open letter */
  readonly replayedAt?: string;
  readonly replayedBy?: string;
  /** The letter that its replay came to */
  readonly failedAgainAs?: string;
  /** What is the matter, what became of it, what may be done */
  readonly explanation: readonly (string)[];
};

export type Document = DataStore | SpConnection;

export type DocumentChange = {
  readonly kind: "DataStore" | "SpConnection";
  readonly name: string;
  readonly change: "created" | "updated" | "deleted" | "unchanged";
  /** The version that the document has now; absent in a dry run that would change it */
  readonly version?: number;
  readonly previousVersion?: number;
  /** Values of secrets are never shown */
  readonly differences: readonly (DocumentDifference)[];
};

export type DocumentDifference = {
  /** JSON pointer into the document; things in lists stand by name */
  readonly pointer: string;
  /** Absent where there was nothing */
  readonly before?: unknown;
  /** Absent where there is nothing any more */
  readonly after?: unknown;
};

export type DocumentInput = DataStoreInput | SpConnectionInput;

export type DocumentList = {
  /** Applied together or not at all */
  readonly documents: readonly (DocumentInput)[];
};

export type DocumentListInput = {
  /** Applied together or not at all */
  readonly documents: readonly (DocumentInput)[];
};

export type DocumentRecord = {
  /** Strictly increasing over all documents; also the ETag */
  readonly version: number;
  readonly document: Document;
  readonly appliedAt: string;
  readonly appliedBy: string;
};

export type DocumentRecords = {
  readonly documents: readonly (DocumentRecord)[];
};

export type DocumentVersion = {
  readonly version: number;
  readonly change: "created" | "updated" | "deleted";
  /** Null where the version is the removal */
  readonly document: Document | null;
  readonly appliedAt: string;
  readonly appliedBy: string;
};

export type DocumentVersions = {
  readonly versions: readonly (DocumentVersion)[];
};

export type Hold = {
  /** What a guard has stopped; `blank` is an update that leaves attributes without their values */
  readonly kind: "delete" | "disable" | "blank" | "remove-member";
  readonly objectId: string;
  readonly label?: string;
  readonly objectType: "user" | "group";
  readonly channel: string;
  /** The group whose membership would end */
  readonly group?: {
    readonly objectId: string;
    readonly label?: string;
  };
  /** Why it was stopped, in words */
  readonly cause: string;
  readonly since: string;
  readonly version: {
    readonly sequence: number;
    readonly config: number;
  };
  /** Why the change came to be */
  readonly reason: string;
  readonly occurredAt: string;
};

export type HoldSelection = {
  /** The immutable id of an object at its data store; opaque, case-sensitive */
  readonly objectId?: string;
  /** Only these objects */
  readonly objectIds?: readonly (string)[];
  /** Only these kinds */
  readonly kinds?: readonly ("delete" | "disable" | "blank" | "remove-member")[];
  /** The immutable id of an object at its data store; opaque, case-sensitive */
  readonly groupId?: string;
};

export type HoldsPage = {
  readonly spConnection: string;
  /** Holds that fit, those of other pages included */
  readonly total: number;
  /** The same by kind */
  readonly counts: {
    readonly delete: number;
    readonly disable: number;
    readonly blank: number;
    readonly "remove-member": number;
  };
  readonly oldestSince: string | null;
  readonly holds: readonly (Hold)[];
  /** Cursor of the next page */
  readonly next?: string;
};

export type ObjectExplanation = {
  readonly spConnection: string;
  readonly objectId: string;
  readonly objectType: "user" | "group";
  readonly label?: string | null;
  /** `pending`, `creating`, `done`, `failed`, `held` or `skipped` */
  readonly state: string;
  readonly version: {
    readonly sequence: number;
    readonly config: number;
  };
  /** Lanes are served in this order */
  readonly lane: "leaver" | "interactive" | "delta" | "bulk";
  /** Why the desired state was told */
  readonly reason: string;
  readonly desired: {
    readonly presence: string;
    /** Target path to value; masked values are not shown */
    readonly attributes: Readonly<Record<string, unknown>>;
  };
  /** What was last written; null where nothing was */
  readonly applied?: {
    readonly presence: string;
    /** Target path to value; masked values are not shown */
    readonly attributes: Readonly<Record<string, unknown>>;
  } | null;
  /** What a reconciliation last read where it differed from what was written; null where it never did */
  readonly seen?: {
    readonly presence: string;
    /** Target path to value; masked values are not shown */
    readonly attributes: Readonly<Record<string, unknown>>;
    readonly at: string;
  } | null;
  readonly targetId?: string | null;
  readonly attempts: number;
  readonly lastOutcome?: {
    readonly kind: string;
    readonly code: string;
    readonly cause?: string;
    readonly remedy?: string;
    readonly httpStatus?: number;
    readonly at: string;
  } | null;
  readonly nextAttemptAt?: string | null;
  /** What stands in the way, the most decisive first; empty where nothing does */
  readonly waits?: readonly ({
    /** `hold`, `paused`, `quarantined`, `breaker-open`, `throttled`, `next-attempt`, `lane`, … */
    readonly kind: string;
    /** To complete “waits for …” */
    readonly what: string;
    /** When it is over by itself, where that is known */
    readonly until?: string;
  })[];
  /** What the next attempt would do, as far as it can be told without asking the target */
  readonly plan?: {
    readonly kind: string;
    readonly what: string;
    readonly set?: readonly (string)[];
    readonly clear?: readonly (string)[];
  } | null;
  /** When the source changed */
  readonly occurredAt: string;
  readonly desiredAt: string;
  readonly appliedAt?: string | null;
  /** Memberships and references, those that wait first */
  readonly edges: readonly ({
    readonly memberId: string;
    readonly kind: string;
    readonly otherId: string;
    readonly desired: boolean;
    readonly applied: boolean;
    readonly cause?: string | null;
    readonly waitsFor?: string | null;
  })[];
};

export type ObjectSummaries = {
  readonly objects: readonly (ObjectSummary)[];
};

export type ObjectSummary = {
  readonly spConnection: string;
  readonly objectId: string;
  readonly objectType: "user" | "group";
  readonly label?: string;
  readonly version: {
    readonly sequence: number;
    readonly config: number;
  };
  readonly operation: "create" | "link" | "update" | "disable" | "enable" | "delete" | "add-members" | "remove-members" | "set-reference" | "none";
  readonly outcome: "applied" | "unchanged" | "superseded" | "skipped" | "retryable" | "rejected" | "halted" | "held";
  readonly terminal: boolean;
  readonly code: string;
  readonly cause?: string;
  readonly remedy?: string;
  readonly attempt: number;
  readonly nextAttemptAt?: string;
  readonly targetId?: string;
  /** When it was last known to be as desired */
  readonly appliedAt?: string;
  readonly finishedAt: string;
};

export type ProblemDetails = {
  /** URI reference of the kind of problem; about:blank where the status says it all */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** What happened, in words */
  readonly detail: string;
  /** Stable, for programs */
  readonly code?: string;
  readonly requestId?: string;
  readonly errors?: readonly ({
    /** JSON pointer into the body, for example /documents/0/spec/type */
    readonly pointer?: string;
    /** Name of the path or query parameter */
    readonly parameter?: string;
    readonly detail: string;
    readonly expected?: string;
  })[];
};

export type ProvisioningResult = {
  /** Deterministic: the same attempt or decision always has the same id */
  readonly id: string;
  /** a name of 1 to 63 lower-case letters, digits and hyphens */
  readonly spConnection: string;
  /** The immutable id of an object at its data store; opaque, case-sensitive */
  readonly objectId: string;
  readonly objectType: "user" | "group";
  /** a name of 1 to 63 lower-case letters, digits and hyphens */
  readonly channel?: string;
  readonly label?: string;
  readonly version: {
    readonly sequence: number;
    readonly config: number;
  };
  readonly operation: "create" | "link" | "update" | "disable" | "enable" | "delete" | "add-members" | "remove-members" | "set-reference" | "none";
  readonly outcome: "applied" | "unchanged" | "superseded" | "skipped" | "retryable" | "rejected" | "halted" | "held";
  /** True when no further attempt will follow for this version by itself */
  readonly terminal: boolean;
  /** Stable code from the taxonomy, for example `scim.uniqueness`, `http.timeout`, `policy.create-off` */
  readonly code: string;
  /** In words, for people. Never contains a masked value or a secret */
  readonly cause?: string;
  /** What a person can do about it */
  readonly remedy?: string;
  /** Names of the target paths that were written or cleared; never values */
  readonly changed?: readonly (string)[];
  /** Names of members for add-members and remove-members, by object id (capped), and their number */
  readonly members?: {
    readonly count: number;
    readonly objectIds: readonly (string)[];
  };
  /** Proof of a removal: what the target showed when it was asked after it had accepted the removal */
  readonly readBack?: {
    readonly verdict: "confirmed" | "contradicted" | "unreadable";
    /** How the target showed the account */
    readonly found?: "absent" | "inactive" | "active";
    /** RFC 3339 time */
    readonly at: string;
    readonly httpStatus?: number;
  };
  readonly targetId?: string;
  readonly httpStatus?: number;
  readonly attempt: number;
  /** RFC 3339 time */
  readonly nextAttemptAt?: string;
  /** Lanes are served in this order */
  readonly lane?: "leaver" | "interactive" | "delta" | "bulk";
  readonly reason?: string;
  /** RFC 3339 time */
  readonly occurredAt?: string;
  /** RFC 3339 time */
  readonly mappedAt?: string;
  /** RFC 3339 time */
  readonly startedAt?: string;
  /** RFC 3339 time */
  readonly finishedAt: string;
  /** Time at the target, in milliseconds, all requests of this attempt together, and their number */
  readonly targetMs?: number;
  readonly requests?: number;
  readonly traceId?: string;
};

export type Quarantine = {
  readonly spConnection: string;
  readonly code?: string;
  readonly cause?: string;
  readonly remedy?: string;
  readonly since?: string;
  /** When one call tries by itself whether the service provider can be used again */
  readonly probeAt?: string;
  /** Objects that wait; absent where not known */
  readonly pending?: number;
};

export type Quarantines = {
  readonly quarantines: readonly (Quarantine)[];
  /** Dispatchers that do not answer, in words */
  readonly problems: readonly (string)[];
};

export type ReconcileRequest = {
  /** The immutable id of an object at its data store; opaque, case-sensitive */
  readonly objectId?: string;
  /** Write again what has drifted; only report it where absent */
  readonly repair?: boolean;
};

export type Reconciliation = {
  /** Id of the control command that asked for it */
  readonly id: string;
  readonly spConnection: string;
  /** Null where the whole SP connection is compared */
  readonly objectId: string | null;
  readonly scheduled: boolean;
  readonly repair: boolean;
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  /** `incomplete`: the target showed less than it told of, so that nothing is known to be missing */
  readonly state: "waiting" | "running" | "done" | "incomplete" | "failed";
  readonly cause: string | null;
  readonly progress: {
    readonly objectType: "user" | "group" | null;
    readonly listed: number;
    readonly total: number | null;
  };
  readonly counts: {
    readonly accounts?: number;
    readonly asWritten?: number;
    readonly drifted?: number;
    /** Drifted ones that are written again */
    readonly repaired?: number;
    readonly missing?: number;
    /** Missing ones that are provisioned again */
    readonly plannedAgain?: number;
    /** Accounts that belong to no object; never changed */
    readonly unknown?: number;
    readonly adopted?: number;
    /** Members that the target shows of groups that are ours */
    readonly members?: number;
    /** Memberships that were written and are not shown */
    readonly membersMissing?: number;
    /** Missing ones that are made again */
    readonly membersAgain?: number;
    /** Members that nothing here made members */
    readonly membersUnknown?: number;
    /** Unknown ones that are removed, as the policy says */
    readonly membersRemoved?: number;
    /** Not compared, because they were written meanwhile */
    readonly inWork?: number;
    /** How often the run began anew, because the target gave up its list */
    readonly restarts?: number;
  };
  /** The first of each kind */
  readonly samples: readonly (ReconciliationSample)[];
  /** HTTP requests that reading took */
  readonly requests: number;
};

export type ReconciliationSample = {
  readonly kind: "drifted" | "missing" | "unknown" | "adopted" | "missing-member" | "unknown-member";
  readonly objectType: "user" | "group";
  readonly objectId?: string;
  readonly targetId?: string;
  /** Target paths that differ; values are not shown */
  readonly paths?: readonly (string)[];
  /** Of a membership: the member; `objectId` and `targetId` are those of the group */
  readonly memberId?: string;
  readonly memberTargetId?: string;
  readonly repaired?: boolean;
};

export type Reconciliations = {
  readonly reconciliations: readonly (Reconciliation)[];
};

export type ReplayOne = {
  /** Only tell what would be done */
  readonly dryRun?: boolean;
};

export type ReplayQuery = {
  /** Only those of one stage */
  readonly stage?: string;
  /** Only those of one cause, for example `record.schema` */
  readonly code?: string;
  /** Only those of one topic, without the installation’s prefix */
  readonly topic?: string;
  /** Name of the SP connection */
  readonly spConnection?: string;
  /** Only those that failed at this time or later */
  readonly since?: string;
  readonly all?: true;
  /** Only tell what would be done */
  readonly dryRun?: boolean;
  readonly limit?: number;
};

export type ReplayReport = {
  readonly dryRun: boolean;
  /** Ids of the letters whose records were published again, or would be */
  readonly replayed: readonly (string)[];
  readonly skipped: readonly ({
    readonly id: string;
    readonly reason: string;
  })[];
  /** More letters fit than one request replays: ask again */
  readonly more: boolean;
};

export type ResultPage = {
  readonly results: readonly (ProvisioningResult)[];
  /** Cursor of the next page; absent on the last one */
  readonly next?: string;
};

export type ResultStream = {
  readonly results: readonly (ProvisioningResult)[];
  readonly cursor: string;
};

/** a secret as { env: NAME }, { file: PATH } or { secret: STORED_NAME } */
export type SecretReference = {
  /** the name of an environment variable of the service that needs the secret */
  readonly env: string;
} | {
  /** a file that is mounted into the service that needs the secret */
  readonly file: string;
} | {
  /** the name of a secret stored through the admin API */
  readonly secret: string;
} | {
  /** a JWE under PROVISOR_KEY, as the admin API stores it */
  readonly encrypted: string;
} | {
  /** the secret itself; accepted by the admin API only, which encrypts it */
  readonly value: string;
};

/** a secret as { env: NAME }, { file: PATH } or { secret: STORED_NAME } */
export type SecretReferenceInput = {
  /** the name of an environment variable of the service that needs the secret */
  readonly env: string;
} | {
  /** a file that is mounted into the service that needs the secret */
  readonly file: string;
} | {
  /** the name of a secret stored through the admin API */
  readonly secret: string;
} | {
  /** a JWE under PROVISOR_KEY, as the admin API stores it */
  readonly encrypted: string;
} | {
  /** the secret itself; accepted by the admin API only, which encrypts it */
  readonly value: string;
};

export type SecretValue = {
  readonly value: string;
};

export type SecretWritten = {
  readonly name: string;
  /** Documents that refer to it and were published anew */
  readonly documents: number;
};

export type Secrets = {
  readonly secrets: readonly ({
    readonly name: string;
    readonly updatedAt: string;
    readonly updatedBy: string;
  })[];
};

export type SpConnection = {
  readonly apiVersion: "provisor/v1";
  readonly kind: "SpConnection";
  readonly metadata: {
    /** a name of 1 to 63 lower-case letters, digits and hyphens */
    readonly name: string;
    /** labels for people and for selecting documents */
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    /** an inactive SP connection tells nothing and removes nobody */
    readonly active: boolean;
    /** the service provider and how it is reached */
    readonly target: {
      /** a SCIM 2.0 service provider (RFC 7644) */
      readonly type: "scim";
      /** http:// or https:// base URL of the SCIM service */
      readonly baseUrl: string;
      /** how Provisor proves who it is */
      readonly auth: {
        /** no authentication */
        readonly type: "none";
      } | {
        /** a bearer token (RFC 6750) */
        readonly type: "bearer";
        readonly token: SecretReference;
        /** the first word of the Authorization header */
        readonly scheme: string;
      } | {
        /** user name and password (RFC 7617) */
        readonly type: "basic";
        /** the user name */
        readonly username: string;
        readonly password: SecretReference;
      };
      /** the name of the data that describes deviations and limits of the service provider */
      readonly vendorProfile: string;
      /** single keys of the vendor profile, overridden for this SP connection */
      readonly profile: Readonly<Record<string, unknown>>;
      /** a duration such as 250ms, 30s, 5m, 1h or 7d */
      readonly timeout: string;
      /** allow plain http and private addresses, for development and for service providers in the own network */
      readonly allowInsecure: boolean;
    };
    /** what may be done at the service provider */
    readonly policy: {
      /** what may be done with accounts of users */
      readonly users: {
        /** accounts may be created */
        readonly create: boolean;
        /** accounts may be changed and enabled again; they are disabled all the same */
        readonly update: boolean;
        /** what happens when a user leaves every scope or is deleted at the source */
        readonly remove: "disable" | "delete" | "keep";
        /** what happens when a user in scope is disabled at the source */
        readonly disabled: "disable" | "delete" | "keep";
        /** accounts of users that are disabled at the source are created, as disabled accounts */
        readonly createDisabled: boolean;
        /** what happens with an account that exists at the target already */
        readonly match: "link-and-update" | "link-only" | "reject";
      };
      /** what may be done with groups */
      readonly groups: {
        /** groups may be created */
        readonly create: boolean;
        /** groups may be changed */
        readonly update: boolean;
        /** what happens when a group leaves every scope or is deleted at the source */
        readonly remove: "delete" | "keep";
        /** what happens with a group that exists at the target already */
        readonly match: "link-and-update" | "link-only" | "reject";
      };
      /** mass changes that a person has to approve */
      readonly guard: {
        /** removals (disables and deletes) beyond both bounds of a window are held until somebody approves them */
        readonly removals: {
          /** so many in a window are never held */
          readonly max: number;
          /** such a share of the accounts in a window is never held */
          readonly percent: number;
          /** a duration such as 250ms, 30s, 5m, 1h or 7d */
          readonly window: string;
        };
        /** ends of memberships beyond both bounds are held; those of accounts that are removed do not count */
        readonly memberships: {
          /** so many in a window are never held */
          readonly max: number;
          /** such a share of the memberships in a window is never held */
          readonly percent: number;
          /** a duration such as 250ms, 30s, 5m, 1h or 7d */
          readonly window: string;
          /** the same for each single group */
          readonly perGroup: {
            /** so many in a window are never held */
            readonly max: number;
            /** such a share of the members in a window is never held */
            readonly percent: number;
            /** a duration such as 250ms, 30s, 5m, 1h or 7d */
            readonly window: string;
          };
        };
        /** updates that leave an attribute without its value, beyond both bounds, are held; accounts are counted */
        readonly blanks: {
          /** so many in a window are never held */
          readonly max: number;
          /** such a share of the accounts in a window is never held */
          readonly percent: number;
          /** a duration such as 250ms, 30s, 5m, 1h or 7d */
          readonly window: string;
        };
      };
      /** whether the target is asked after it accepted the removal of who leaves, so that the result proves it */
      readonly readBack: "leavers" | "never";
      /** how passing trouble is met */
      readonly retry: {
        /** a duration such as 250ms, 30s, 5m, 1h or 7d */
        readonly initial: string;
        /** a duration such as 250ms, 30s, 5m, 1h or 7d */
        readonly max: string;
        /** a duration such as 250ms, 30s, 5m, 1h or 7d */
        readonly giveUpAfter: string;
      };
      /** comparison with what the target really has */
      readonly reconcile: {
        /** a duration such as 250ms, 30s, 5m, 1h or 7d */
        readonly every?: string;
        /** a scheduled comparison writes again what has drifted and creates again what is missing, within the guards */
        readonly repair: boolean;
        /** target paths that are reported when they have drifted, and never repaired */
        readonly reportOnly: readonly (string)[];
        /** accounts at the target that belong to no object: report; adopt: one that matches an object without account is linked as the match rule says. They are never changed otherwise and never removed */
        readonly unknown: "report" | "adopt";
        /** members of our groups that nothing here made members: report; remove: a comparison that repairs removes those whose accounts are ours, within the guards. Accounts that belong to no object stay members in any case */
        readonly unknownMembers: "report" | "remove";
      };
    };
    /** how much may be asked of the service provider */
    readonly limits: {
      /** a name of 1 to 63 lower-case letters, digits and hyphens */
      readonly scope?: string;
      /** most requests per second */
      readonly requestsPerSecond?: number;
      /** most requests at once after a pause */
      readonly burst?: number;
      /** budgets over longer spans, counted across restarts and all connections of the scope */
      readonly windows?: readonly ({
        /** most requests in any span of that length */
        readonly requests: number;
        /** length of the window, from 1m to 1d */
        readonly per: string;
      })[];
      /** most objects in work at once */
      readonly concurrency: number;
    };
    /** scopes with attribute mappings; the first whose scope holds takes an object */
    readonly channels: readonly ({
      /** a name of 1 to 63 lower-case letters, digits and hyphens */
      readonly name: string;
      /** an inactive channel tells nothing and removes nobody */
      readonly active: boolean;
      /** the name of a data store */
      readonly dataStore: string;
      /** which users are taken; none where absent, all of the data store with {} */
      readonly users?: {
        /** a DN at or below which the objects are */
        readonly base?: string;
        /** subtree: the base and everything below; one: right below it; base: the base itself */
        readonly scope: "subtree" | "one" | "base";
        /** an LDAP filter (RFC 4515), evaluated on the captured attributes */
        readonly filter?: string;
        /** DNs or ids of groups; a member of any one of them is in scope */
        readonly groups?: readonly (string)[];
        /** members of nested groups count as well */
        readonly nested: boolean;
        /** taken out even if all else holds */
        readonly exclude?: {
          /** an LDAP filter; whoever fits is not in scope */
          readonly filter?: string;
          /** DNs or ids of groups; their members are not in scope */
          readonly groups?: readonly (string)[];
        };
      };
      /** which groups are taken; none where absent, all of the data store with {} */
      readonly groups?: {
        /** a DN at or below which the objects are */
        readonly base?: string;
        /** subtree: the base and everything below; one: right below it; base: the base itself */
        readonly scope: "subtree" | "one" | "base";
        /** an LDAP filter (RFC 4515), evaluated on the captured attributes */
        readonly filter?: string;
        /** DNs or ids of groups; a member of any one of them is in scope */
        readonly groups?: readonly (string)[];
        /** members of nested groups count as well */
        readonly nested: boolean;
        /** taken out even if all else holds */
        readonly exclude?: {
          /** an LDAP filter; whoever fits is not in scope */
          readonly filter?: string;
          /** DNs or ids of groups; their members are not in scope */
          readonly groups?: readonly (string)[];
        };
      };
      /** the attribute mapping of users: target path to rule */
      readonly attributes: Readonly<Record<string, AttributeRule>>;
      /** the attribute mapping of groups: target path to rule */
      readonly groupAttributes: Readonly<Record<string, AttributeRule>>;
      /** memberships of users, and of groups in groups, are carried to the target */
      readonly memberships: boolean;
    })[];
  };
};

export type SpConnectionInput = {
  readonly apiVersion: "provisor/v1";
  readonly kind: "SpConnection";
  readonly metadata: {
    /** a name of 1 to 63 lower-case letters, digits and hyphens */
    readonly name: string;
    /** labels for people and for selecting documents */
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    /** an inactive SP connection tells nothing and removes nobody */
    readonly active?: boolean;
    /** the service provider and how it is reached */
    readonly target: {
      /** a SCIM 2.0 service provider (RFC 7644) */
      readonly type: "scim";
      /** http:// or https:// base URL of the SCIM service */
      readonly baseUrl: string;
      /** how Provisor proves who it is */
      readonly auth: {
        /** no authentication */
        readonly type: "none";
      } | {
        /** a bearer token (RFC 6750) */
        readonly type: "bearer";
        readonly token: SecretReferenceInput;
        /** the first word of the Authorization header */
        readonly scheme?: string;
      } | {
        /** user name and password (RFC 7617) */
        readonly type: "basic";
        /** the user name */
        readonly username: string;
        readonly password: SecretReferenceInput;
      };
      /** the name of the data that describes deviations and limits of the service provider */
      readonly vendorProfile?: string;
      /** single keys of the vendor profile, overridden for this SP connection */
      readonly profile?: Readonly<Record<string, unknown>>;
      /** a duration such as 250ms, 30s, 5m, 1h or 7d */
      readonly timeout?: string;
      /** allow plain http and private addresses, for development and for service providers in the own network */
      readonly allowInsecure?: boolean;
    };
    /** what may be done at the service provider */
    readonly policy?: {
      /** what may be done with accounts of users */
      readonly users?: {
        /** accounts may be created */
        readonly create?: boolean;
        /** accounts may be changed and enabled again; they are disabled all the same */
        readonly update?: boolean;
        /** what happens when a user leaves every scope or is deleted at the source */
        readonly remove?: "disable" | "delete" | "keep";
        /** what happens when a user in scope is disabled at the source */
        readonly disabled?: "disable" | "delete" | "keep";
        /** accounts of users that are disabled at the source are created, as disabled accounts */
        readonly createDisabled?: boolean;
        /** what happens with an account that exists at the target already */
        readonly match?: "link-and-update" | "link-only" | "reject";
      };
      /** what may be done with groups */
      readonly groups?: {
        /** groups may be created */
        readonly create?: boolean;
        /** groups may be changed */
        readonly update?: boolean;
        /** what happens when a group leaves every scope or is deleted at the source */
        readonly remove?: "delete" | "keep";
        /** what happens with a group that exists at the target already */
        readonly match?: "link-and-update" | "link-only" | "reject";
      };
      /** mass changes that a person has to approve */
      readonly guard?: {
        /** removals (disables and deletes) beyond both bounds of a window are held until somebody approves them */
        readonly removals?: {
          /** so many in a window are never held */
          readonly max?: number;
          /** such a share of the accounts in a window is never held */
          readonly percent?: number;
          /** a duration such as 250ms, 30s, 5m, 1h or 7d */
          readonly window?: string;
        };
        /** ends of memberships beyond both bounds are held; those of accounts that are removed do not count */
        readonly memberships?: {
          /** so many in a window are never held */
          readonly max?: number;
          /** such a share of the memberships in a window is never held */
          readonly percent?: number;
          /** a duration such as 250ms, 30s, 5m, 1h or 7d */
          readonly window?: string;
          /** the same for each single group */
          readonly perGroup?: {
            /** so many in a window are never held */
            readonly max?: number;
            /** such a share of the members in a window is never held */
            readonly percent?: number;
            /** a duration such as 250ms, 30s, 5m, 1h or 7d */
            readonly window?: string;
          };
        };
        /** updates that leave an attribute without its value, beyond both bounds, are held; accounts are counted */
        readonly blanks?: {
          /** so many in a window are never held */
          readonly max?: number;
          /** such a share of the accounts in a window is never held */
          readonly percent?: number;
          /** a duration such as 250ms, 30s, 5m, 1h or 7d */
          readonly window?: string;
        };
      };
      /** whether the target is asked after it accepted the removal of who leaves, so that the result proves it */
      readonly readBack?: "leavers" | "never";
      /** how passing trouble is met */
      readonly retry?: {
        /** a duration such as 250ms, 30s, 5m, 1h or 7d */
        readonly initial?: string;
        /** a duration such as 250ms, 30s, 5m, 1h or 7d */
        readonly max?: string;
        /** a duration such as 250ms, 30s, 5m, 1h or 7d */
        readonly giveUpAfter?: string;
      };
      /** comparison with what the target really has */
      readonly reconcile?: {
        /** a duration such as 250ms, 30s, 5m, 1h or 7d */
        readonly every?: string;
        /** a scheduled comparison writes again what has drifted and creates again what is missing, within the guards */
        readonly repair?: boolean;
        /** target paths that are reported when they have drifted, and never repaired */
        readonly reportOnly?: readonly (string)[];
        /** accounts at the target that belong to no object: report; adopt: one that matches an object without account is linked as the match rule says. They are never changed otherwise and never removed */
        readonly unknown?: "report" | "adopt";
        /** members of our groups that nothing here made members: report; remove: a comparison that repairs removes those whose accounts are ours, within the guards. Accounts that belong to no object stay members in any case */
        readonly unknownMembers?: "report" | "remove";
      };
    };
    /** how much may be asked of the service provider */
    readonly limits?: {
      /** a name of 1 to 63 lower-case letters, digits and hyphens */
      readonly scope?: string;
      /** most requests per second */
      readonly requestsPerSecond?: number;
      /** most requests at once after a pause */
      readonly burst?: number;
      /** budgets over longer spans, counted across restarts and all connections of the scope */
      readonly windows?: readonly ({
        /** most requests in any span of that length */
        readonly requests: number;
        /** length of the window, from 1m to 1d */
        readonly per: string;
      })[];
      /** most objects in work at once */
      readonly concurrency?: number;
    };
    /** scopes with attribute mappings; the first whose scope holds takes an object */
    readonly channels: readonly ({
      /** a name of 1 to 63 lower-case letters, digits and hyphens */
      readonly name: string;
      /** an inactive channel tells nothing and removes nobody */
      readonly active?: boolean;
      /** the name of a data store */
      readonly dataStore: string;
      /** which users are taken; none where absent, all of the data store with {} */
      readonly users?: {
        /** a DN at or below which the objects are */
        readonly base?: string;
        /** subtree: the base and everything below; one: right below it; base: the base itself */
        readonly scope?: "subtree" | "one" | "base";
        /** an LDAP filter (RFC 4515), evaluated on the captured attributes */
        readonly filter?: string;
        /** DNs or ids of groups; a member of any one of them is in scope */
        readonly groups?: readonly (string)[];
        /** members of nested groups count as well */
        readonly nested?: boolean;
        /** taken out even if all else holds */
        readonly exclude?: {
          /** an LDAP filter; whoever fits is not in scope */
          readonly filter?: string;
          /** DNs or ids of groups; their members are not in scope */
          readonly groups?: readonly (string)[];
        };
      };
      /** which groups are taken; none where absent, all of the data store with {} */
      readonly groups?: {
        /** a DN at or below which the objects are */
        readonly base?: string;
        /** subtree: the base and everything below; one: right below it; base: the base itself */
        readonly scope?: "subtree" | "one" | "base";
        /** an LDAP filter (RFC 4515), evaluated on the captured attributes */
        readonly filter?: string;
        /** DNs or ids of groups; a member of any one of them is in scope */
        readonly groups?: readonly (string)[];
        /** members of nested groups count as well */
        readonly nested?: boolean;
        /** taken out even if all else holds */
        readonly exclude?: {
          /** an LDAP filter; whoever fits is not in scope */
          readonly filter?: string;
          /** DNs or ids of groups; their members are not in scope */
          readonly groups?: readonly (string)[];
        };
      };
      /** the attribute mapping of users: target path to rule */
      readonly attributes?: Readonly<Record<string, AttributeRuleInput>>;
      /** the attribute mapping of groups: target path to rule */
      readonly groupAttributes?: Readonly<Record<string, AttributeRuleInput>>;
      /** memberships of users, and of groups in groups, are carried to the target */
      readonly memberships?: boolean;
    })[];
  };
};

export type SpConnectionStatus = {
  readonly name: string;
  readonly targetType?: string;
  /** Version of the document; absent where only the dispatcher still knows it */
  readonly configVersion?: number;
  /** `unknown` when nobody answers who could know; `reason` says why */
  readonly state: "active" | "inactive" | "paused" | "quarantined" | "unknown";
  readonly reason?: string;
  /** Absent when not known: never an estimate */
  readonly counts?: {
    /** Objects that should be at the service provider or were there */
    readonly desired: number;
    /** Objects that are there as desired */
    readonly applied: number;
    /** Objects that wait for a call */
    readonly pending: number;
    /** Objects that wait for a person or a newer state */
    readonly failed: number;
    /** Objects that wait for approval */
    readonly held: number;
    readonly skipped?: number;
    readonly waitingMemberships?: number;
    /** Ends of memberships that wait for approval */
    readonly heldMemberships?: number;
  };
  /** What became of every version that was taken in */
  readonly accounting?: {
    /** Versions of desired states that were taken in since the beginning */
    readonly accepted: number;
    readonly succeeded: number;
    readonly failed: number;
    /** Commands that could be read and not be taken in: they are in dead letters */
    readonly dead: number;
    /** Taken over by a newer version before they were delivered */
    readonly superseded: number;
    /** Not to be delivered, by policy or because a person rejected it */
    readonly skipped: number;
    readonly held: number;
    readonly pending: number;
    /** accepted less all others: 0, or something was lost or counted twice */
    readonly difference: number;
  };
  /** Null when nothing is pending, absent when not known */
  readonly oldestPendingAgeMs?: number | null;
  readonly quarantine?: {
    readonly code?: string;
    readonly cause?: string;
    readonly remedy?: string;
    readonly since?: string;
    readonly probeAt?: string | null;
  };
  readonly throttledUntil?: string;
  /** What the last results of failing objects say, the most frequent first */
  readonly failures?: readonly ({
    readonly code: string;
    readonly outcome: string;
    readonly objects: number;
    readonly example?: string;
  })[];
};

export type Status = {
  readonly at: string;
  readonly spConnections: readonly (SpConnectionStatus)[];
  readonly dataStores: readonly (DataStoreStatus)[];
  readonly deadLetters: number;
  /** Services that do not answer, in words */
  readonly problems: readonly (string)[];
};

export type Timeline = {
  readonly spConnection: string;
  readonly objectId: string;
  readonly label?: string;
  readonly summary?: ObjectSummary;
  /** The state now, from the dispatcher */
  readonly current: {
    /** Whether the dispatcher has told */
    readonly known: boolean;
    readonly reason?: string;
    /** The dispatcher's own account of the object */
    readonly state?: Readonly<Record<string, unknown>>;
  };
  /** Oldest first */
  readonly results: readonly (ProvisioningResult)[];
  /** Cursor of the results before these, for GET /v1/results */
  readonly earlier?: string;
};

/** Every operation of the admin API. */
export abstract class AdminOperations {
  protected abstract call<T>(call: Call, options?: CallOptions): Promise<T>;

  /** Apply documents, all or none */
  applyDocuments(input: {
    readonly query?: {
      /** Check and compare only, change nothing */
      readonly dryRun?: "true" | "false" | undefined;
    };
    readonly body: DocumentList;
  }, options?: CallOptions): Promise<ApplyReport> {
    return this.call({ method: 'PUT', path: '/v1/documents', ...input }, options);
  }

  /** All documents, or those of one kind */
  listDocuments(input: {
    readonly query?: {
      readonly kind?: "DataStore" | "SpConnection" | undefined;
    };
  } = {}, options?: CallOptions): Promise<DocumentRecords> {
    return this.call({ method: 'GET', path: '/v1/documents', ...input }, options);
  }

  /** The same as PUT, for clients that cannot PUT */
  postDocuments(input: {
    readonly query?: {
      /** Check and compare only, change nothing */
      readonly dryRun?: "true" | "false" | undefined;
    };
    readonly body: DocumentListInput;
  }, options?: CallOptions): Promise<ApplyReport> {
    return this.call({ method: 'POST', path: '/v1/documents', ...input }, options);
  }

  /** Remove one document */
  deleteDocument(input: {
    readonly params: {
      readonly kind: "DataStore" | "SpConnection";
      /** Name of the document */
      readonly name: string;
    };
    readonly query?: {
      /** Check and compare only, change nothing */
      readonly dryRun?: "true" | "false" | undefined;
    };
    readonly headers?: {
      /** Go on only if the document has this version, as its ETag said. */
      readonly "If-Match"?: string | undefined;
      /** `*`: go on only if there is no such document. */
      readonly "If-None-Match"?: string | undefined;
    };
  }, options?: CallOptions): Promise<DocumentChange> {
    return this.call({ method: 'DELETE', path: '/v1/documents/{kind}/{name}', ...input }, options);
  }

  /** One document as it is stored */
  getDocument(input: {
    readonly params: {
      readonly kind: "DataStore" | "SpConnection";
      /** Name of the document */
      readonly name: string;
    };
  }, options?: CallOptions): Promise<DocumentRecord> {
    return this.call({ method: 'GET', path: '/v1/documents/{kind}/{name}', ...input }, options);
  }

  /** Apply one document */
  putDocument(input: {
    readonly params: {
      readonly kind: "DataStore" | "SpConnection";
      /** Name of the document */
      readonly name: string;
    };
    readonly query?: {
      /** Check and compare only, change nothing */
      readonly dryRun?: "true" | "false" | undefined;
    };
    readonly headers?: {
      /** Go on only if the document has this version, as its ETag said. */
      readonly "If-Match"?: string | undefined;
      /** `*`: go on only if there is no such document. */
      readonly "If-None-Match"?: string | undefined;
    };
    readonly body: DocumentInput;
  }, options?: CallOptions): Promise<DocumentChange> {
    return this.call({ method: 'PUT', path: '/v1/documents/{kind}/{name}', ...input }, options);
  }

  /** One version of one document */
  getDocumentVersion(input: {
    readonly params: {
      readonly kind: "DataStore" | "SpConnection";
      /** Name of the document */
      readonly name: string;
      readonly version: number;
    };
  }, options?: CallOptions): Promise<DocumentVersion> {
    return this.call({ method: 'GET', path: '/v1/documents/{kind}/{name}/versions/{version}', ...input }, options);
  }

  /** The versions of one document, newest first */
  listDocumentVersions(input: {
    readonly params: {
      readonly kind: "DataStore" | "SpConnection";
      /** Name of the document */
      readonly name: string;
    };
    readonly query?: {
      readonly limit?: number | undefined;
    };
  }, options?: CallOptions): Promise<DocumentVersions> {
    return this.call({ method: 'GET', path: '/v1/documents/{kind}/{name}/versions', ...input }, options);
  }

  /** Remove a secret that no document refers to */
  deleteSecret(input: {
    readonly params: {
      readonly name: string;
    };
  }, options?: CallOptions): Promise<void> {
    return this.call({ method: 'DELETE', path: '/v1/secrets/{name}', ...input }, options);
  }

  /** Store a secret, encrypted, or replace it */
  putSecret(input: {
    readonly params: {
      readonly name: string;
    };
    readonly body: SecretValue;
  }, options?: CallOptions): Promise<SecretWritten> {
    return this.call({ method: 'PUT', path: '/v1/secrets/{name}', ...input }, options);
  }

  /** Names of the stored secrets; values are never told */
  listSecrets(options?: CallOptions): Promise<Secrets> {
    return this.call({ method: 'GET', path: '/v1/secrets' }, options);
  }

  /** State of one SP connection, with what fails most */
  getSpConnectionStatus(input: {
    readonly params: {
      /** Name of the SP connection */
      readonly name: string;
    };
  }, options?: CallOptions): Promise<SpConnectionStatus> {
    return this.call({ method: 'GET', path: '/v1/sp-connections/{name}/status', ...input }, options);
  }

  /** State of everything: SP connections, data stores, dead letters */
  getStatus(options?: CallOptions): Promise<Status> {
    return this.call({ method: 'GET', path: '/v1/status' }, options);
  }

  /** The story of the one object that an id, user name or DN means */
  findTimeline(input: {
    readonly params: {
      /** Name of the SP connection */
      readonly name: string;
    };
    readonly query?: {
      readonly limit?: number | undefined;
      /** Id, user name or DN, or a part that fits one object only */
      readonly label?: string | undefined;
    };
  }, options?: CallOptions): Promise<Timeline> {
    return this.call({ method: 'GET', path: '/v1/sp-connections/{name}/timeline', ...input }, options);
  }

  /** The whole story of one object at one SP connection */
  getTimeline(input: {
    readonly params: {
      /** Name of the SP connection */
      readonly name: string;
      /** Id of the object at its data store */
      readonly objectId: string;
    };
    readonly query?: {
      readonly limit?: number | undefined;
    };
  }, options?: CallOptions): Promise<Timeline> {
    return this.call({ method: 'GET', path: '/v1/sp-connections/{name}/objects/{objectId}/timeline', ...input }, options);
  }

  /** Objects by id, user name or DN, or by a part of these */
  searchObjects(input: {
    readonly query?: {
      /** Id, user name or DN; the beginning or any part works where nothing fits exactly */
      readonly label?: string | undefined;
      /** Name of the SP connection */
      readonly spConnection?: string | undefined;
      readonly limit?: number | undefined;
    };
  } = {}, options?: CallOptions): Promise<ObjectSummaries> {
    return this.call({ method: 'GET', path: '/v1/objects', ...input }, options);
  }

  /** One object at one SP connection: desired, written, seen, last and next attempt, and what it waits for */
  explainObject(input: {
    readonly params: {
      /** Name of the SP connection */
      readonly name: string;
      /** Id of the object at its data store */
      readonly objectId: string;
    };
  }, options?: CallOptions): Promise<ObjectExplanation> {
    return this.call({ method: 'GET', path: '/v1/sp-connections/{name}/objects/{objectId}', ...input }, options);
  }

  /** SP connections that are not called, because their service provider refuses Provisor as a whole */
  listQuarantines(options?: CallOptions): Promise<Quarantines> {
    return this.call({ method: 'GET', path: '/v1/quarantines' }, options);
  }

  /** End the quarantine now; if the service provider still refuses, it begins again */
  releaseQuarantine(input: {
    readonly params: {
      /** Name of the SP connection */
      readonly name: string;
    };
  }, options?: CallOptions): Promise<ControlAccepted> {
    return this.call({ method: 'POST', path: '/v1/sp-connections/{name}/release', ...input }, options);
  }

  /** Comparisons of an SP connection with its service provider, the newest first */
  listReconciliations(input: {
    readonly params: {
      /** Name of the SP connection */
      readonly name: string;
    };
    readonly query?: {
      readonly limit?: number | undefined;
    };
  }, options?: CallOptions): Promise<Reconciliations> {
    return this.call({ method: 'GET', path: '/v1/sp-connections/{name}/reconciliations', ...input }, options);
  }

  /** Compare what was written with what the service provider has; report or repair what differs */
  reconcileSpConnection(input: {
    readonly params: {
      /** Name of the SP connection */
      readonly name: string;
    };
    readonly body?: ReconcileRequest;
  }, options?: CallOptions): Promise<ControlAccepted> {
    return this.call({ method: 'POST', path: '/v1/sp-connections/{name}/reconcile', ...input }, options);
  }

  /** Results as they arrive, oldest first (long poll) */
  followResults(input: {
    readonly query?: {
      /** a name of 1 to 63 lower-case letters, digits and hyphens */
      readonly spConnection?: string | undefined;
      /** Id of the object at its data store */
      readonly objectId?: string | undefined;
      /** Outcomes, separated by commas */
      readonly outcome?: readonly ("applied" | "unchanged" | "superseded" | "skipped" | "retryable" | "rejected" | "halted" | "held")[] | undefined;
      /** `cursor` of the answer before */
      readonly cursor?: string | undefined;
      /** Without a cursor: how many earlier results to tell */
      readonly tail?: number | undefined;
      readonly waitSeconds?: number | undefined;
      readonly limit?: number | undefined;
    };
  } = {}, options?: CallOptions): Promise<ResultStream> {
    return this.call({ method: 'GET', path: '/v1/results/stream', ...input }, options);
  }

  /** Results, newest first */
  listResults(input: {
    readonly query?: {
      /** a name of 1 to 63 lower-case letters, digits and hyphens */
      readonly spConnection?: string | undefined;
      /** Id of the object at its data store */
      readonly objectId?: string | undefined;
      /** Outcomes, separated by commas */
      readonly outcome?: readonly ("applied" | "unchanged" | "superseded" | "skipped" | "retryable" | "rejected" | "halted" | "held")[] | undefined;
      /** Only results that finished at or after this instant */
      readonly since?: string | undefined;
      /** `next` of the page before */
      readonly cursor?: string | undefined;
      readonly limit?: number | undefined;
    };
  } = {}, options?: CallOptions): Promise<ResultPage> {
    return this.call({ method: 'GET', path: '/v1/results', ...input }, options);
  }

  /** One dead letter with the record in base64, explained */
  getDeadLetter(input: {
    readonly params: {
      /** <topic>/<partition>/<offset>, percent-encoded in a path */
      readonly id: string;
    };
  }, options?: CallOptions): Promise<DeadLetterStory> {
    return this.call({ method: 'GET', path: '/v1/dead-letters/{id}', ...input }, options);
  }

  /** Records that nobody could process, newest first */
  listDeadLetters(input: {
    readonly query?: {
      /** Only those of one stage */
      readonly stage?: string | undefined;
      /** Only those of one cause, for example `record.schema` */
      readonly code?: string | undefined;
      /** Only those of one topic, without the installation’s prefix */
      readonly topic?: string | undefined;
      /** Name of the SP connection */
      readonly spConnection?: string | undefined;
      /** Only those that failed at this time or later */
      readonly since?: string | undefined;
      /** Both unless given */
      readonly state?: "open" | "replayed" | undefined;
      readonly cursor?: string | undefined;
      readonly limit?: number | undefined;
    };
  } = {}, options?: CallOptions): Promise<DeadLetterPage> {
    return this.call({ method: 'GET', path: '/v1/dead-letters', ...input }, options);
  }

  /** Publish the record of a dead letter again to its topic, once */
  replayDeadLetter(input: {
    readonly params: {
      /** <topic>/<partition>/<offset>, percent-encoded in a path */
      readonly id: string;
    };
    readonly body?: ReplayOne;
  }, options?: CallOptions): Promise<ReplayReport> {
    return this.call({ method: 'POST', path: '/v1/dead-letters/{id}/replay', ...input }, options);
  }

  /** Publish the records of the open dead letters that fit a query again, oldest first */
  replayDeadLetters(input: {
    readonly body: ReplayQuery;
  }, options?: CallOptions): Promise<ReplayReport> {
    return this.call({ method: 'POST', path: '/v1/dead-letter-replays', ...input }, options);
  }

  /** Accept that objects are missing from the data store and let the removals go on */
  acceptDataStore(input: {
    readonly params: {
      /** Name of the data store */
      readonly name: string;
    };
  }, options?: CallOptions): Promise<ControlAccepted> {
    return this.call({ method: 'POST', path: '/v1/data-stores/{name}/accept', ...input }, options);
  }

  /** Let changes go on that a guard has stopped */
  approveSpConnection(input: {
    readonly params: {
      /** Name of the SP connection */
      readonly name: string;
    };
    readonly body?: HoldSelection;
  }, options?: CallOptions): Promise<ControlAccepted> {
    return this.call({ method: 'POST', path: '/v1/sp-connections/{name}/approve', ...input }, options);
  }

  /** Compare the whole data store with what was captured, now */
  compareDataStore(input: {
    readonly params: {
      /** Name of the data store */
      readonly name: string;
    };
  }, options?: CallOptions): Promise<ControlAccepted> {
    return this.call({ method: 'POST', path: '/v1/data-stores/{name}/compare', ...input }, options);
  }

  /** Make no more calls to this service provider; what changes meanwhile is kept */
  pauseSpConnection(input: {
    readonly params: {
      /** Name of the SP connection */
      readonly name: string;
    };
  }, options?: CallOptions): Promise<ControlAccepted> {
    return this.call({ method: 'POST', path: '/v1/sp-connections/{name}/pause', ...input }, options);
  }

  /** Map and send one object now, before all others */
  provisionNow(input: {
    readonly params: {
      /** Name of the SP connection */
      readonly name: string;
      /** Id of the object at its data store */
      readonly objectId: string;
    };
  }, options?: CallOptions): Promise<ControlAccepted> {
    return this.call({ method: 'POST', path: '/v1/sp-connections/{name}/objects/{objectId}/provision-now', ...input }, options);
  }

  /** Do not carry out what a guard has stopped */
  rejectSpConnection(input: {
    readonly params: {
      /** Name of the SP connection */
      readonly name: string;
    };
    readonly body?: HoldSelection;
  }, options?: CallOptions): Promise<ControlAccepted> {
    return this.call({ method: 'POST', path: '/v1/sp-connections/{name}/reject', ...input }, options);
  }

  /** Go on after a pause */
  resumeSpConnection(input: {
    readonly params: {
      /** Name of the SP connection */
      readonly name: string;
    };
  }, options?: CallOptions): Promise<ControlAccepted> {
    return this.call({ method: 'POST', path: '/v1/sp-connections/{name}/resume', ...input }, options);
  }

  /** Try failed objects again now */
  retrySpConnection(input: {
    readonly params: {
      /** Name of the SP connection */
      readonly name: string;
    };
    readonly body?: ControlScope;
  }, options?: CallOptions): Promise<ControlAccepted> {
    return this.call({ method: 'POST', path: '/v1/sp-connections/{name}/retry', ...input }, options);
  }

  /** Changes that a guard has stopped until somebody approves or rejects them, the longest held first */
  listHolds(input: {
    readonly params: {
      /** Name of the SP connection */
      readonly name: string;
    };
    readonly query?: {
      /** Only these kinds */
      readonly kind?: "delete" | "disable" | "blank" | "remove-member" | readonly ("delete" | "disable" | "blank" | "remove-member")[] | undefined;
      /** Only these objects */
      readonly objectId?: string | readonly (string)[] | undefined;
      /** The immutable id of an object at its data store; opaque, case-sensitive */
      readonly groupId?: string | undefined;
      readonly cursor?: string | undefined;
      readonly limit?: number | undefined;
    };
  }, options?: CallOptions): Promise<HoldsPage> {
    return this.call({ method: 'GET', path: '/v1/sp-connections/{name}/holds', ...input }, options);
  }

  /** Who did what, newest first */
  listAudit(input: {
    readonly query?: {
      /** For example SpConnection/slack-prod */
      readonly subject?: string | undefined;
      readonly cursor?: string | undefined;
      readonly limit?: number | undefined;
    };
  } = {}, options?: CallOptions): Promise<AuditPage> {
    return this.call({ method: 'GET', path: '/v1/audit', ...input }, options);
  }

  /** This description */
  getOpenApi(options?: CallOptions): Promise<Readonly<Record<string, unknown>>> {
    return this.call({ method: 'GET', path: '/v1/openapi.json' }, options);
  }
}
