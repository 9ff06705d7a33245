// Generated from docs/contracts/openapi.json by libs/admin-client/src/generator/main.ts. Not to be edited.

import type { Call, CallOptions } from '../call.js';

export type ApplyReport = {
  readonly dryRun: boolean;
  /** In the order of the request */
  readonly changes: readonly DocumentChange[];
};

export type AttributeRule =
  | string
  | {
      readonly source: string;
      readonly default?: string | number | boolean | readonly (string | number | boolean)[];
      readonly createOnly: boolean;
      readonly masked: boolean;
      readonly trim: boolean;
      readonly case: 'none' | 'upper' | 'lower';
      readonly parse: 'none' | 'cnFromDn' | 'localPart';
      readonly multiple: boolean;
      readonly type: 'string' | 'boolean' | 'integer';
    }
  | {
      readonly sources: readonly string[];
      readonly join?: string;
      readonly default?: string | number | boolean | readonly (string | number | boolean)[];
      readonly createOnly: boolean;
      readonly masked: boolean;
      readonly trim: boolean;
      readonly case: 'none' | 'upper' | 'lower';
      readonly parse: 'none' | 'cnFromDn' | 'localPart';
      readonly multiple: boolean;
      readonly type: 'string' | 'boolean' | 'integer';
    }
  | {
      readonly expression: string;
      readonly default?: string | number | boolean | readonly (string | number | boolean)[];
      readonly createOnly: boolean;
      readonly masked: boolean;
      readonly trim: boolean;
      readonly case: 'none' | 'upper' | 'lower';
      readonly parse: 'none' | 'cnFromDn' | 'localPart';
      readonly multiple: boolean;
      readonly type: 'string' | 'boolean' | 'integer';
    }
  | {
      readonly constant: string | number | boolean | readonly (string | number | boolean)[];
      readonly default?: string | number | boolean | readonly (string | number | boolean)[];
      readonly createOnly: boolean;
      readonly masked: boolean;
      readonly trim: boolean;
      readonly case: 'none' | 'upper' | 'lower';
      readonly parse: 'none' | 'cnFromDn' | 'localPart';
      readonly multiple: boolean;
      readonly type: 'string' | 'boolean' | 'integer';
    }
  | {
      readonly generate: {
        readonly length: number;
      };
      readonly default?: string | number | boolean | readonly (string | number | boolean)[];
      readonly createOnly: boolean;
      readonly masked: boolean;
      readonly trim: boolean;
      readonly case: 'none' | 'upper' | 'lower';
      readonly parse: 'none' | 'cnFromDn' | 'localPart';
      readonly multiple: boolean;
      readonly type: 'string' | 'boolean' | 'integer';
    }
  | {
      readonly reference: string;
    };

export type AttributeRuleInput =
  | string
  | {
      readonly source: string;
      readonly default?: string | number | boolean | readonly (string | number | boolean)[];
      readonly createOnly?: boolean;
      readonly masked?: boolean;
      readonly trim?: boolean;
      readonly case?: 'none' | 'upper' | 'lower';
      readonly parse?: 'none' | 'cnFromDn' | 'localPart';
      readonly multiple?: boolean;
      readonly type?: 'string' | 'boolean' | 'integer';
    }
  | {
      readonly sources: readonly string[];
      readonly join?: string;
      readonly default?: string | number | boolean | readonly (string | number | boolean)[];
      readonly createOnly?: boolean;
      readonly masked?: boolean;
      readonly trim?: boolean;
      readonly case?: 'none' | 'upper' | 'lower';
      readonly parse?: 'none' | 'cnFromDn' | 'localPart';
      readonly multiple?: boolean;
      readonly type?: 'string' | 'boolean' | 'integer';
    }
  | {
      readonly expression: string;
      readonly default?: string | number | boolean | readonly (string | number | boolean)[];
      readonly createOnly?: boolean;
      readonly masked?: boolean;
      readonly trim?: boolean;
      readonly case?: 'none' | 'upper' | 'lower';
      readonly parse?: 'none' | 'cnFromDn' | 'localPart';
      readonly multiple?: boolean;
      readonly type?: 'string' | 'boolean' | 'integer';
    }
  | {
      readonly constant: string | number | boolean | readonly (string | number | boolean)[];
      readonly default?: string | number | boolean | readonly (string | number | boolean)[];
      readonly createOnly?: boolean;
      readonly masked?: boolean;
      readonly trim?: boolean;
      readonly case?: 'none' | 'upper' | 'lower';
      readonly parse?: 'none' | 'cnFromDn' | 'localPart';
      readonly multiple?: boolean;
      readonly type?: 'string' | 'boolean' | 'integer';
    }
  | {
      readonly generate: {
        readonly length?: number;
      };
      readonly default?: string | number | boolean | readonly (string | number | boolean)[];
      readonly createOnly?: boolean;
      readonly masked?: boolean;
      readonly trim?: boolean;
      readonly case?: 'none' | 'upper' | 'lower';
      readonly parse?: 'none' | 'cnFromDn' | 'localPart';
      readonly multiple?: boolean;
      readonly type?: 'string' | 'boolean' | 'integer';
    }
  | {
      readonly reference: string;
    };

export type AuditPage = {
  readonly entries: readonly {
    readonly id: string;
    readonly at: string;
    readonly actor: string;
    readonly action: string;
    readonly subject: string;
    readonly requestId?: string;
    readonly details: Readonly<Record<string, unknown>>;
  }[];
  readonly next?: string;
};

export type ControlAccepted = {
  /** Id of the control command */
  readonly id: string;
  readonly action: string;
};

export type ControlScope = {
  /** Only this object; all of the SP connection where absent */
  readonly objectId?: string;
};

export type DataStore = {
  readonly apiVersion: 'provisor/v1';
  readonly kind: 'DataStore';
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly type: 'ldap' | 'openldap' | 'active-directory';
    /** ldap:// or ldaps:// URL of the directory */
    readonly url: string;
    readonly startTls: boolean;
    readonly caFile?: string;
    readonly bind?: {
      readonly dn: string;
      readonly password: SecretReference;
    };
    readonly baseDn: string;
    readonly feed: 'auto' | 'changelog' | 'poll';
    readonly changelogBase: string;
    readonly interval?: string;
    readonly compareEvery: string;
    readonly pageSize: number;
    readonly timeout: string;
    readonly idAttribute: string;
    readonly timestampAttribute: string;
    readonly users: {
      readonly filter: string;
      readonly base?: string;
    };
    readonly groups: {
      readonly filter: string;
      readonly base?: string;
      readonly memberAttributes: readonly string[];
    };
    readonly accountStatus?:
      | {
          readonly rule: 'flag';
          readonly attribute: string;
          readonly value: string;
          readonly enabledWhenEqual: boolean;
          readonly default: boolean;
        }
      | {
          readonly rule: 'bitmask';
          readonly attribute: string;
          readonly mask: number;
          readonly default: boolean;
        };
    readonly referenceAttributes: readonly string[];
    readonly excludeAttributes: readonly string[];
    readonly health: {
      readonly maxMissingPercent: number;
      readonly maxMissing: number;
    };
  };
};

export type DataStoreInput = {
  readonly apiVersion: 'provisor/v1';
  readonly kind: 'DataStore';
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly type: 'ldap' | 'openldap' | 'active-directory';
    /** ldap:// or ldaps:// URL of the directory */
    readonly url: string;
    readonly startTls?: boolean;
    readonly caFile?: string;
    readonly bind?: {
      readonly dn: string;
      readonly password: SecretReferenceInput;
    };
    readonly baseDn: string;
    readonly feed?: 'auto' | 'changelog' | 'poll';
    readonly changelogBase?: string;
    readonly interval?: string;
    readonly compareEvery?: string;
    readonly pageSize?: number;
    readonly timeout?: string;
    readonly idAttribute?: string;
    readonly timestampAttribute?: string;
    readonly users?: {
      readonly filter?: string;
      readonly base?: string;
    };
    readonly groups?: {
      readonly filter?: string;
      readonly base?: string;
      readonly memberAttributes?: readonly string[];
    };
    readonly accountStatus?:
      | {
          readonly rule: 'flag';
          readonly attribute: string;
          readonly value?: string;
          readonly enabledWhenEqual?: boolean;
          readonly default?: boolean;
        }
      | {
          readonly rule: 'bitmask';
          readonly attribute: string;
          readonly mask?: number;
          readonly default?: boolean;
        };
    readonly referenceAttributes?: readonly string[];
    readonly excludeAttributes?: readonly string[];
    readonly health?: {
      readonly maxMissingPercent?: number;
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

export type DeadLetter = {
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
    readonly timestamp: string;
    readonly key: string | null;
    readonly headers: Readonly<Record<string, string>>;
  };
  readonly value: string | null;
  readonly valueBytes: number;
  readonly failedAt: string;
};

export type DeadLetterHead = {
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
    readonly timestamp: string;
    readonly key: string | null;
    readonly headers: Readonly<Record<string, string>>;
  };
  readonly valueBytes: number;
  readonly failedAt: string;
};

export type DeadLetterPage = {
  readonly deadLetters: readonly DeadLetterHead[];
  readonly next?: string;
};

export type Document = DataStore | SpConnection;

export type DocumentChange = {
  readonly kind: 'DataStore' | 'SpConnection';
  readonly name: string;
  readonly change: 'created' | 'updated' | 'deleted' | 'unchanged';
  /** The version that the document has now; absent in a dry run that would change it */
  readonly version?: number;
  readonly previousVersion?: number;
  /** Values of secrets are never shown */
  readonly differences: readonly DocumentDifference[];
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
  readonly documents: readonly DocumentInput[];
};

export type DocumentListInput = {
  /** Applied together or not at all */
  readonly documents: readonly DocumentInput[];
};

export type DocumentRecord = {
  /** Strictly increasing over all documents; also the ETag */
  readonly version: number;
  readonly document: Document;
  readonly appliedAt: string;
  readonly appliedBy: string;
};

export type DocumentRecords = {
  readonly documents: readonly DocumentRecord[];
};

export type DocumentVersion = {
  readonly version: number;
  readonly change: 'created' | 'updated' | 'deleted';
  /** Null where the version is the removal */
  readonly document: Document | null;
  readonly appliedAt: string;
  readonly appliedBy: string;
};

export type DocumentVersions = {
  readonly versions: readonly DocumentVersion[];
};

export type ObjectSummaries = {
  readonly objects: readonly ObjectSummary[];
};

export type ObjectSummary = {
  readonly spConnection: string;
  readonly objectId: string;
  readonly objectType: 'user' | 'group';
  readonly label?: string;
  readonly version: {
    readonly sequence: number;
    readonly config: number;
  };
  readonly operation:
    | 'create'
    | 'link'
    | 'update'
    | 'disable'
    | 'enable'
    | 'delete'
    | 'add-members'
    | 'remove-members'
    | 'set-reference'
    | 'none';
  readonly outcome: 'applied' | 'unchanged' | 'superseded' | 'skipped' | 'retryable' | 'rejected' | 'halted' | 'held';
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
  readonly errors?: readonly {
    /** JSON pointer into the body, for example /documents/0/spec/type */
    readonly pointer?: string;
    /** Name of the path or query parameter */
    readonly parameter?: string;
    readonly detail: string;
    readonly expected?: string;
  }[];
};

export type ProvisioningResult = {
  readonly id: string;
  readonly spConnection: string;
  readonly objectId: string;
  readonly objectType: 'user' | 'group';
  readonly channel?: string;
  readonly label?: string;
  readonly version: {
    readonly sequence: number;
    readonly config: number;
  };
  readonly operation:
    | 'create'
    | 'link'
    | 'update'
    | 'disable'
    | 'enable'
    | 'delete'
    | 'add-members'
    | 'remove-members'
    | 'set-reference'
    | 'none';
  readonly outcome: 'applied' | 'unchanged' | 'superseded' | 'skipped' | 'retryable' | 'rejected' | 'halted' | 'held';
  readonly terminal: boolean;
  readonly code: string;
  readonly cause?: string;
  readonly remedy?: string;
  readonly changed?: readonly string[];
  readonly members?: {
    readonly count: number;
    readonly objectIds: readonly string[];
  };
  readonly targetId?: string;
  readonly httpStatus?: number;
  readonly attempt: number;
  readonly nextAttemptAt?: string;
  readonly lane?: 'leaver' | 'interactive' | 'delta' | 'bulk';
  readonly reason?: string;
  readonly occurredAt?: string;
  readonly mappedAt?: string;
  readonly startedAt?: string;
  readonly finishedAt: string;
  readonly targetMs?: number;
  readonly requests?: number;
  readonly traceId?: string;
};

export type ResultPage = {
  readonly results: readonly ProvisioningResult[];
  /** Cursor of the next page; absent on the last one */
  readonly next?: string;
};

export type ResultStream = {
  readonly results: readonly ProvisioningResult[];
  readonly cursor: string;
};

export type SecretReference =
  | {
      readonly env: string;
    }
  | {
      readonly file: string;
    }
  | {
      readonly secret: string;
    }
  | {
      readonly encrypted: string;
    }
  | {
      readonly value: string;
    };

export type SecretReferenceInput =
  | {
      readonly env: string;
    }
  | {
      readonly file: string;
    }
  | {
      readonly secret: string;
    }
  | {
      readonly encrypted: string;
    }
  | {
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
  readonly secrets: readonly {
    readonly name: string;
    readonly updatedAt: string;
    readonly updatedBy: string;
  }[];
};

export type SpConnection = {
  readonly apiVersion: 'provisor/v1';
  readonly kind: 'SpConnection';
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly active: boolean;
    readonly target: {
      readonly type: 'scim';
      /** http:// or https:// base URL of the SCIM service */
      readonly baseUrl: string;
      readonly auth:
        | {
            readonly type: 'none';
          }
        | {
            readonly type: 'bearer';
            readonly token: SecretReference;
            readonly scheme: string;
          }
        | {
            readonly type: 'basic';
            readonly username: string;
            readonly password: SecretReference;
          };
      readonly vendorProfile: string;
      readonly profile: Readonly<Record<string, unknown>>;
      readonly timeout: string;
      readonly allowInsecure: boolean;
    };
    readonly policy: {
      readonly users: {
        readonly create: boolean;
        readonly update: boolean;
        readonly remove: 'disable' | 'delete' | 'keep';
        readonly disabled: 'disable' | 'delete' | 'keep';
        readonly createDisabled: boolean;
        readonly match: 'link-and-update' | 'link-only' | 'reject';
      };
      readonly groups: {
        readonly create: boolean;
        readonly update: boolean;
        readonly remove: 'delete' | 'keep';
        readonly match: 'link-and-update' | 'link-only' | 'reject';
      };
      readonly guard: {
        readonly removals: {
          readonly max: number;
          readonly percent: number;
          readonly window: string;
        };
      };
      readonly retry: {
        readonly initial: string;
        readonly max: string;
        readonly giveUpAfter: string;
      };
    };
    readonly limits: {
      readonly scope?: string;
      readonly requestsPerSecond?: number;
      readonly burst?: number;
      readonly concurrency: number;
    };
    readonly channels: readonly {
      readonly name: string;
      readonly active: boolean;
      readonly dataStore: string;
      readonly users?: {
        readonly base?: string;
        readonly scope: 'subtree' | 'one' | 'base';
        readonly filter?: string;
        readonly groups?: readonly string[];
        readonly nested: boolean;
        readonly exclude?: {
          readonly filter?: string;
          readonly groups?: readonly string[];
        };
      };
      readonly groups?: {
        readonly base?: string;
        readonly scope: 'subtree' | 'one' | 'base';
        readonly filter?: string;
        readonly groups?: readonly string[];
        readonly nested: boolean;
        readonly exclude?: {
          readonly filter?: string;
          readonly groups?: readonly string[];
        };
      };
      readonly attributes: Readonly<Record<string, AttributeRule>>;
      readonly groupAttributes: Readonly<Record<string, AttributeRule>>;
      readonly memberships: boolean;
    }[];
  };
};

export type SpConnectionInput = {
  readonly apiVersion: 'provisor/v1';
  readonly kind: 'SpConnection';
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly active?: boolean;
    readonly target: {
      readonly type: 'scim';
      /** http:// or https:// base URL of the SCIM service */
      readonly baseUrl: string;
      readonly auth:
        | {
            readonly type: 'none';
          }
        | {
            readonly type: 'bearer';
            readonly token: SecretReferenceInput;
            readonly scheme?: string;
          }
        | {
            readonly type: 'basic';
            readonly username: string;
            readonly password: SecretReferenceInput;
          };
      readonly vendorProfile?: string;
      readonly profile?: Readonly<Record<string, unknown>>;
      readonly timeout?: string;
      readonly allowInsecure?: boolean;
    };
    readonly policy?: {
      readonly users?: {
        readonly create?: boolean;
        readonly update?: boolean;
        readonly remove?: 'disable' | 'delete' | 'keep';
        readonly disabled?: 'disable' | 'delete' | 'keep';
        readonly createDisabled?: boolean;
        readonly match?: 'link-and-update' | 'link-only' | 'reject';
      };
      readonly groups?: {
        readonly create?: boolean;
        readonly update?: boolean;
        readonly remove?: 'delete' | 'keep';
        readonly match?: 'link-and-update' | 'link-only' | 'reject';
      };
      readonly guard?: {
        readonly removals?: {
          readonly max?: number;
          readonly percent?: number;
          readonly window?: string;
        };
      };
      readonly retry?: {
        readonly initial?: string;
        readonly max?: string;
        readonly giveUpAfter?: string;
      };
    };
    readonly limits?: {
      readonly scope?: string;
      readonly requestsPerSecond?: number;
      readonly burst?: number;
      readonly concurrency?: number;
    };
    readonly channels: readonly {
      readonly name: string;
      readonly active?: boolean;
      readonly dataStore: string;
      readonly users?: {
        readonly base?: string;
        readonly scope?: 'subtree' | 'one' | 'base';
        readonly filter?: string;
        readonly groups?: readonly string[];
        readonly nested?: boolean;
        readonly exclude?: {
          readonly filter?: string;
          readonly groups?: readonly string[];
        };
      };
      readonly groups?: {
        readonly base?: string;
        readonly scope?: 'subtree' | 'one' | 'base';
        readonly filter?: string;
        readonly groups?: readonly string[];
        readonly nested?: boolean;
        readonly exclude?: {
          readonly filter?: string;
          readonly groups?: readonly string[];
        };
      };
      readonly attributes?: Readonly<Record<string, AttributeRuleInput>>;
      readonly groupAttributes?: Readonly<Record<string, AttributeRuleInput>>;
      readonly memberships?: boolean;
    }[];
  };
};

export type SpConnectionStatus = {
  readonly name: string;
  readonly targetType?: string;
  /** Version of the document; absent where only the dispatcher still knows it */
  readonly configVersion?: number;
  /** `unknown` when nobody answers who could know; `reason` says why */
  readonly state: 'active' | 'inactive' | 'paused' | 'quarantined' | 'unknown';
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
  readonly failures?: readonly {
    readonly code: string;
    readonly outcome: string;
    readonly objects: number;
    readonly example?: string;
  }[];
};

export type Status = {
  readonly at: string;
  readonly spConnections: readonly SpConnectionStatus[];
  readonly dataStores: readonly DataStoreStatus[];
  readonly deadLetters: number;
  /** Services that do not answer, in words */
  readonly problems: readonly string[];
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
  readonly results: readonly ProvisioningResult[];
  /** Cursor of the results before these, for GET /v1/results */
  readonly earlier?: string;
};

/** Every operation of the admin API. */
export abstract class AdminOperations {
  protected abstract call<T>(call: Call, options?: CallOptions): Promise<T>;

  /** Apply documents, all or none */
  applyDocuments(
    input: {
      readonly query?: {
        /** Check and compare only, change nothing */
        readonly dryRun?: 'true' | 'false' | undefined;
      };
      readonly body: DocumentList;
    },
    options?: CallOptions,
  ): Promise<ApplyReport> {
    return this.call({ method: 'PUT', path: '/v1/documents', ...input }, options);
  }

  /** All documents, or those of one kind */
  listDocuments(
    input: {
      readonly query?: {
        readonly kind?: 'DataStore' | 'SpConnection' | undefined;
      };
    } = {},
    options?: CallOptions,
  ): Promise<DocumentRecords> {
    return this.call({ method: 'GET', path: '/v1/documents', ...input }, options);
  }

  /** The same as PUT, for clients that cannot PUT */
  postDocuments(
    input: {
      readonly query?: {
        /** Check and compare only, change nothing */
        readonly dryRun?: 'true' | 'false' | undefined;
      };
      readonly body: DocumentListInput;
    },
    options?: CallOptions,
  ): Promise<ApplyReport> {
    return this.call({ method: 'POST', path: '/v1/documents', ...input }, options);
  }

  /** Remove one document */
  deleteDocument(
    input: {
      readonly params: {
        readonly kind: 'DataStore' | 'SpConnection';
        /** Name of the document */
        readonly name: string;
      };
      readonly query?: {
        /** Check and compare only, change nothing */
        readonly dryRun?: 'true' | 'false' | undefined;
      };
      readonly headers?: {
        /** Go on only if the document has this version, as its ETag said. */
        readonly 'If-Match'?: string | undefined;
        /** `*`: go on only if there is no such document. */
        readonly 'If-None-Match'?: string | undefined;
      };
    },
    options?: CallOptions,
  ): Promise<DocumentChange> {
    return this.call({ method: 'DELETE', path: '/v1/documents/{kind}/{name}', ...input }, options);
  }

  /** One document as it is stored */
  getDocument(
    input: {
      readonly params: {
        readonly kind: 'DataStore' | 'SpConnection';
        /** Name of the document */
        readonly name: string;
      };
    },
    options?: CallOptions,
  ): Promise<DocumentRecord> {
    return this.call({ method: 'GET', path: '/v1/documents/{kind}/{name}', ...input }, options);
  }

  /** Apply one document */
  putDocument(
    input: {
      readonly params: {
        readonly kind: 'DataStore' | 'SpConnection';
        /** Name of the document */
        readonly name: string;
      };
      readonly query?: {
        /** Check and compare only, change nothing */
        readonly dryRun?: 'true' | 'false' | undefined;
      };
      readonly headers?: {
        /** Go on only if the document has this version, as its ETag said. */
        readonly 'If-Match'?: string | undefined;
        /** `*`: go on only if there is no such document. */
        readonly 'If-None-Match'?: string | undefined;
      };
      readonly body: DocumentInput;
    },
    options?: CallOptions,
  ): Promise<DocumentChange> {
    return this.call({ method: 'PUT', path: '/v1/documents/{kind}/{name}', ...input }, options);
  }

  /** One version of one document */
  getDocumentVersion(
    input: {
      readonly params: {
        readonly kind: 'DataStore' | 'SpConnection';
        /** Name of the document */
        readonly name: string;
        readonly version: number;
      };
    },
    options?: CallOptions,
  ): Promise<DocumentVersion> {
    return this.call({ method: 'GET', path: '/v1/documents/{kind}/{name}/versions/{version}', ...input }, options);
  }

  /** The versions of one document, newest first */
  listDocumentVersions(
    input: {
      readonly params: {
        readonly kind: 'DataStore' | 'SpConnection';
        /** Name of the document */
        readonly name: string;
      };
      readonly query?: {
        readonly limit?: number | undefined;
      };
    },
    options?: CallOptions,
  ): Promise<DocumentVersions> {
    return this.call({ method: 'GET', path: '/v1/documents/{kind}/{name}/versions', ...input }, options);
  }

  /** Remove a secret that no document refers to */
  deleteSecret(
    input: {
      readonly params: {
        readonly name: string;
      };
    },
    options?: CallOptions,
  ): Promise<void> {
    return this.call({ method: 'DELETE', path: '/v1/secrets/{name}', ...input }, options);
  }

  /** Store a secret, encrypted, or replace it */
  putSecret(
    input: {
      readonly params: {
        readonly name: string;
      };
      readonly body: SecretValue;
    },
    options?: CallOptions,
  ): Promise<SecretWritten> {
    return this.call({ method: 'PUT', path: '/v1/secrets/{name}', ...input }, options);
  }

  /** Names of the stored secrets; values are never told */
  listSecrets(options?: CallOptions): Promise<Secrets> {
    return this.call({ method: 'GET', path: '/v1/secrets' }, options);
  }

  /** State of one SP connection, with what fails most */
  getSpConnectionStatus(
    input: {
      readonly params: {
        /** Name of the SP connection */
        readonly name: string;
      };
    },
    options?: CallOptions,
  ): Promise<SpConnectionStatus> {
    return this.call({ method: 'GET', path: '/v1/sp-connections/{name}/status', ...input }, options);
  }

  /** State of everything: SP connections, data stores, dead letters */
  getStatus(options?: CallOptions): Promise<Status> {
    return this.call({ method: 'GET', path: '/v1/status' }, options);
  }

  /** The story of the one object that an id, user name or DN means */
  findTimeline(
    input: {
      readonly params: {
        /** Name of the SP connection */
        readonly name: string;
      };
      readonly query?: {
        readonly limit?: number | undefined;
        /** Id, user name or DN, or a part that fits one object only */
        readonly label?: string | undefined;
      };
    },
    options?: CallOptions,
  ): Promise<Timeline> {
    return this.call({ method: 'GET', path: '/v1/sp-connections/{name}/timeline', ...input }, options);
  }

  /** The whole story of one object at one SP connection */
  getTimeline(
    input: {
      readonly params: {
        /** Name of the SP connection */
        readonly name: string;
        /** Id of the object at its data store */
        readonly objectId: string;
      };
      readonly query?: {
        readonly limit?: number | undefined;
      };
    },
    options?: CallOptions,
  ): Promise<Timeline> {
    return this.call(
      { method: 'GET', path: '/v1/sp-connections/{name}/objects/{objectId}/timeline', ...input },
      options,
    );
  }

  /** Objects by id, user name or DN, or by a part of these */
  searchObjects(
    input: {
      readonly query?: {
        /** Id, user name or DN; the beginning or any part works where nothing fits exactly */
        readonly label?: string | undefined;
        /** Name of the SP connection */
        readonly spConnection?: string | undefined;
        readonly limit?: number | undefined;
      };
    } = {},
    options?: CallOptions,
  ): Promise<ObjectSummaries> {
    return this.call({ method: 'GET', path: '/v1/objects', ...input }, options);
  }

  /** Results as they arrive, oldest first (long poll) */
  followResults(
    input: {
      readonly query?: {
        /** Name of the SP connection */
        readonly spConnection?: string | undefined;
        /** Id of the object at its data store */
        readonly objectId?: string | undefined;
        /** Outcomes, separated by commas */
        readonly outcome?:
          | readonly (
              'applied' | 'unchanged' | 'superseded' | 'skipped' | 'retryable' | 'rejected' | 'halted' | 'held'
            )[]
          | undefined;
        /** `cursor` of the answer before */
        readonly cursor?: string | undefined;
        /** Without a cursor: how many earlier results to tell */
        readonly tail?: number | undefined;
        readonly waitSeconds?: number | undefined;
        readonly limit?: number | undefined;
      };
    } = {},
    options?: CallOptions,
  ): Promise<ResultStream> {
    return this.call({ method: 'GET', path: '/v1/results/stream', ...input }, options);
  }

  /** Results, newest first */
  listResults(
    input: {
      readonly query?: {
        /** Name of the SP connection */
        readonly spConnection?: string | undefined;
        /** Id of the object at its data store */
        readonly objectId?: string | undefined;
        /** Outcomes, separated by commas */
        readonly outcome?:
          | readonly (
              'applied' | 'unchanged' | 'superseded' | 'skipped' | 'retryable' | 'rejected' | 'halted' | 'held'
            )[]
          | undefined;
        /** Only results that finished at or after this instant */
        readonly since?: string | undefined;
        /** `next` of the page before */
        readonly cursor?: string | undefined;
        readonly limit?: number | undefined;
      };
    } = {},
    options?: CallOptions,
  ): Promise<ResultPage> {
    return this.call({ method: 'GET', path: '/v1/results', ...input }, options);
  }

  /** One dead letter with the record in base64 */
  getDeadLetter(
    input: {
      readonly params: {
        /** <topic>/<partition>/<offset>, percent-encoded in a path */
        readonly id: string;
      };
    },
    options?: CallOptions,
  ): Promise<DeadLetter> {
    return this.call({ method: 'GET', path: '/v1/dead-letters/{id}', ...input }, options);
  }

  /** Records that nobody could process, newest first */
  listDeadLetters(
    input: {
      readonly query?: {
        /** Only those of one stage */
        readonly stage?: string | undefined;
        readonly cursor?: string | undefined;
        readonly limit?: number | undefined;
      };
    } = {},
    options?: CallOptions,
  ): Promise<DeadLetterPage> {
    return this.call({ method: 'GET', path: '/v1/dead-letters', ...input }, options);
  }

  /** Accept that objects are missing from the data store and let the removals go on */
  acceptDataStore(
    input: {
      readonly params: {
        /** Name of the data store */
        readonly name: string;
      };
    },
    options?: CallOptions,
  ): Promise<ControlAccepted> {
    return this.call({ method: 'POST', path: '/v1/data-stores/{name}/accept', ...input }, options);
  }

  /** Let held removals go on */
  approveSpConnection(
    input: {
      readonly params: {
        /** Name of the SP connection */
        readonly name: string;
      };
      readonly body?: ControlScope;
    },
    options?: CallOptions,
  ): Promise<ControlAccepted> {
    return this.call({ method: 'POST', path: '/v1/sp-connections/{name}/approve', ...input }, options);
  }

  /** Compare the whole data store with what was captured, now */
  compareDataStore(
    input: {
      readonly params: {
        /** Name of the data store */
        readonly name: string;
      };
    },
    options?: CallOptions,
  ): Promise<ControlAccepted> {
    return this.call({ method: 'POST', path: '/v1/data-stores/{name}/compare', ...input }, options);
  }

  /** Make no more calls to this service provider; what changes meanwhile is kept */
  pauseSpConnection(
    input: {
      readonly params: {
        /** Name of the SP connection */
        readonly name: string;
      };
    },
    options?: CallOptions,
  ): Promise<ControlAccepted> {
    return this.call({ method: 'POST', path: '/v1/sp-connections/{name}/pause', ...input }, options);
  }

  /** Map and send one object now, before all others */
  provisionNow(
    input: {
      readonly params: {
        /** Name of the SP connection */
        readonly name: string;
        /** Id of the object at its data store */
        readonly objectId: string;
      };
    },
    options?: CallOptions,
  ): Promise<ControlAccepted> {
    return this.call(
      { method: 'POST', path: '/v1/sp-connections/{name}/objects/{objectId}/provision-now', ...input },
      options,
    );
  }

  /** Do not carry out held removals */
  rejectSpConnection(
    input: {
      readonly params: {
        /** Name of the SP connection */
        readonly name: string;
      };
      readonly body?: ControlScope;
    },
    options?: CallOptions,
  ): Promise<ControlAccepted> {
    return this.call({ method: 'POST', path: '/v1/sp-connections/{name}/reject', ...input }, options);
  }

  /** Go on after a pause */
  resumeSpConnection(
    input: {
      readonly params: {
        /** Name of the SP connection */
        readonly name: string;
      };
    },
    options?: CallOptions,
  ): Promise<ControlAccepted> {
    return this.call({ method: 'POST', path: '/v1/sp-connections/{name}/resume', ...input }, options);
  }

  /** Try failed objects again now */
  retrySpConnection(
    input: {
      readonly params: {
        /** Name of the SP connection */
        readonly name: string;
      };
      readonly body?: ControlScope;
    },
    options?: CallOptions,
  ): Promise<ControlAccepted> {
    return this.call({ method: 'POST', path: '/v1/sp-connections/{name}/retry', ...input }, options);
  }

  /** Who did what, newest first */
  listAudit(
    input: {
      readonly query?: {
        /** For example SpConnection/slack-prod */
        readonly subject?: string | undefined;
        readonly cursor?: string | undefined;
        readonly limit?: number | undefined;
      };
    } = {},
    options?: CallOptions,
  ): Promise<AuditPage> {
    return this.call({ method: 'GET', path: '/v1/audit', ...input }, options);
  }

  /** This description */
  getOpenApi(options?: CallOptions): Promise<Readonly<Record<string, unknown>>> {
    return this.call({ method: 'GET', path: '/v1/openapi.json' }, options);
  }
}
