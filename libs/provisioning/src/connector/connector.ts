import type { ObjectType, TargetAttributes } from '@provisor/contracts';
import type { CallOutcome } from '../outcome/outcome.js';
import type { SeenAccount } from '../planning/read-back.js';

/** What a connector finds out about its target before the first write. */
export interface TargetDescription {
  readonly groups: boolean;
  /** Largest number of members in one membership call. */
  readonly maxMembersPerCall: number;
  /** Can `list` be used to learn what accounts exist before a first load? */
  readonly list: boolean;
  /**
   * Types of which the target refuses a second account of the same name: a create finds out by itself that there is one already.
   * Absent: of none.
   */
  readonly refusesTwins?: readonly ObjectType[];
  /** For so long a look-up may not find what was created, in milliseconds. */
  readonly visibleAfterMs: number;
  /** Does `list` show all members of a group where they are asked for? */
  readonly listsMembers?: boolean;
  /** Facts for people: discovered, overridden, effective. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Handed to every call: cancellation, and the place where requests are counted and budgeted. */
export interface CallContext {
  readonly signal: AbortSignal;
  /**
   * To be awaited before each HTTP request; resolves when the limit scope's budget allows it. `kind` lets budgets differ by
   * operation class.
   */
  readonly acquire: (kind: 'read' | 'write') => Promise<void>;
  /** W3C trace context to send along. */
  readonly traceparent?: string;
}

/** Reference to another object at the target, by its target id: `path` such as `urn:…:User:manager`. */
export type TargetReferences = Readonly<Record<string, string | null>>;

export interface LookupRequest {
  readonly objectType: ObjectType;
  readonly objectId: string;
  /** Desired attributes, from which the connector takes its match attributes (externalId, userName, …). */
  readonly attributes: TargetAttributes;
  /** Paths of references to be shown as well. */
  readonly references?: readonly string[];
}
export interface FoundAccount {
  readonly targetId: string;
  readonly active: boolean;
  /** The `externalId` or equivalent that the account carries, if any. */
  readonly externalId?: string;
  /** Last seen values, by target path, as far as the target shows them for the paths asked for. */
  readonly attributes: TargetAttributes;
  /** Target ids by path, of the references asked for, as far as it has any. */
  readonly references?: Readonly<Record<string, string>>;
  /**
   * Target ids of a group's members, where they were asked for. Absent where the target shows none, which may mean that there are none;
   * `unread` where they are too many for one answer.
   */
  readonly members?: readonly string[] | 'unread';
  readonly targetVersion?: string;
}
export type LookupAnswer =
  | { readonly kind: 'found'; readonly account: FoundAccount }
  | { readonly kind: 'none' }
  | { readonly kind: 'several'; readonly targetIds: readonly string[] }
  | { readonly kind: 'failed'; readonly outcome: CallOutcome };

export interface CreateRequest {
  readonly objectType: ObjectType;
  readonly objectId: string;
  readonly active: boolean;
  /** Opened values: nothing sealed, `generate` already replaced. */
  readonly attributes: TargetAttributes;
  readonly references?: TargetReferences;
}

/** A minimal difference. */
export interface UpdateRequest {
  readonly objectType: ObjectType;
  readonly objectId: string;
  readonly targetId: string;
  /** Paths to write, with their new values. */
  readonly set: TargetAttributes;
  /** Paths that have no value any more. */
  readonly clear: readonly string[];
  /** Present when the account is to be enabled or disabled. */
  readonly active?: boolean;
  readonly references?: TargetReferences;
  /** Everything that is desired, for targets that can only be replaced as a whole. */
  readonly desired: { readonly active: boolean; readonly attributes: TargetAttributes };
  readonly targetVersion?: string;
}

export interface RemoveRequest {
  readonly objectType: ObjectType;
  readonly objectId: string;
  readonly targetId: string;
}

export interface ReadRequest extends RemoveRequest {
  /** Target paths to be shown. */
  readonly paths: readonly string[];
  readonly references: readonly string[];
  /** Read the members of a group as well. */
  readonly members?: boolean;
}

/** Changes to the members of one group; at most `maxMembersPerCall` in all. */
export interface MembersRequest {
  readonly groupTargetId: string;
  readonly add: readonly MemberReference[];
  readonly remove: readonly MemberReference[];
}
export interface MemberReference {
  readonly objectId: string;
  readonly targetId: string;
  readonly type: ObjectType;
}
/** One outcome for the call, or one for each member that ended differently (by object id). */
export interface MembersOutcome {
  readonly outcome: CallOutcome;
  readonly refused: ReadonlyMap<string, CallOutcome>;
}

export interface ListRequest {
  readonly objectType: ObjectType;
  /** As answered by the page before; absent for the first page. */
  readonly cursor?: string;
  /** Target paths to read besides the match attributes. */
  readonly paths?: readonly string[];
  /** Paths of references to be shown as well. */
  readonly references?: readonly string[];
  /** Read the members of groups as well. */
  readonly members?: boolean;
}
export type ListAnswer =
  | {
      readonly kind: 'page';
      readonly accounts: readonly FoundAccountWithKeys[];
      readonly cursor?: string;
      readonly total?: number;
    }
  /** The target does not know the cursor any more: the list has to be begun anew. */
  | { readonly kind: 'expired'; readonly outcome: CallOutcome }
  | { readonly kind: 'failed'; readonly outcome: CallOutcome };
/** `matchKeys` are strings that equal `matchKeysOf(request)` of the object that the account belongs to. */
export interface FoundAccountWithKeys extends FoundAccount {
  readonly matchKeys: readonly string[];
}

/**
 * One service provider as the dispatcher sees it. A connector classifies what the target says; it never sleeps, retries or
 * counts attempts. It holds no state about objects.
 */
export interface Connector {
  /** Discovery. A failure is an outcome, so that a broken target halts the SP connection rather than the process. */
  describe(
    context: CallContext,
  ): Promise<{ kind: 'described'; description: TargetDescription } | { kind: 'failed'; outcome: CallOutcome }>;
  lookup(request: LookupRequest, context: CallContext): Promise<LookupAnswer>;
  /** Keys under which `list` would show an account of this object, strongest first. */
  matchKeysOf(request: LookupRequest): readonly string[];
  create(request: CreateRequest, context: CallContext): Promise<CallOutcome>;
  update(request: UpdateRequest, context: CallContext): Promise<CallOutcome>;
  remove(request: RemoveRequest, context: CallContext): Promise<CallOutcome>;
  /** One account by its id, as the target shows it. Absent where a connector cannot read single accounts. */
  read?(request: ReadRequest, context: CallContext): Promise<LookupAnswer>;
  /** How the target shows what was to be removed. Absent where a connector cannot read single accounts. Never rejects for an answer of the target. */
  readBack?(request: RemoveRequest, context: CallContext): Promise<SeenAccount>;
  changeMembers(request: MembersRequest, context: CallContext): Promise<MembersOutcome>;
  list(request: ListRequest, context: CallContext): Promise<ListAnswer>;
  close(): Promise<void>;
}
