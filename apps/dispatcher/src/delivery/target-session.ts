import type { ObjectType, Policy, SpConnection } from '@provisor/contracts';
import type {
  CallContext,
  CallOutcome,
  Connector,
  LookupAnswer,
  LookupRequest,
  TargetDescription,
} from '@provisor/provisioning';
import { Census } from '../engine/census.js';
import { ProvenAbsences } from '../engine/proven-absences.js';

/** Makes the connector of an SP connection. Rejects when it cannot be made, for example because a secret is missing. */
export type ConnectorFactory = (connection: SpConnection) => Promise<Connector>;

export type Described =
  | { readonly kind: 'described'; readonly description: TargetDescription }
  | { readonly kind: 'failed'; readonly outcome: CallOutcome };

/** One SP connection as it is configured now: its connector, what is known of its target, and its policy. */
export class TargetSession {
  readonly connection: SpConnection;
  /** Version of the document. */
  readonly version: number;
  readonly connector: Connector;
  /** Target paths of references to other objects, by object type. */
  readonly references: Readonly<Record<ObjectType, readonly string[]>>;
  /** By object type: what a reconciliation has found missing. */
  readonly absences: Readonly<Record<ObjectType, ProvenAbsences>>;
  readonly #censuses: Readonly<Record<ObjectType, Census>>;
  #description: TargetDescription | undefined;
  #describing: Promise<Described> | undefined;
  #calls = 0;
  #retired = false;

  constructor(options: { connection: SpConnection; version: number; connector: Connector; now: () => number }) {
    this.connection = options.connection;
    this.version = options.version;
    this.connector = options.connector;
    const census = (objectType: ObjectType): Census =>
      new Census({
        connector: options.connector,
        objectType,
        paths: mappedPaths(options.connection, objectType),
        now: options.now,
      });
    this.references = {
      user: referencePaths(options.connection, 'user'),
      group: referencePaths(options.connection, 'group'),
    };
    this.#censuses = { user: census('user'), group: census('group') };
    this.absences = { user: new ProvenAbsences(options), group: new ProvenAbsences(options) };
  }

  get policy(): Policy {
    return this.connection.spec.policy;
  }

  /** Absent until the target has been described. */
  get description(): TargetDescription | undefined {
    return this.#description;
  }

  census(objectType: ObjectType): Census {
    return this.#censuses[objectType];
  }

  /** What a listing has said of an object a short while ago; undefined where only a look-up can tell. */
  listed(request: LookupRequest): LookupAnswer | undefined {
    if (this.absences[request.objectType].has(request)) return { kind: 'none' };
    return this.census(request.objectType).find(request);
  }

  /** Discovery, once; a failure is forgotten, so that the next caller tries again. */
  describe(context: CallContext): Promise<Described> {
    if (this.#description !== undefined) return Promise.resolve({ kind: 'described', description: this.#description });
    this.#describing ??= this.connector.describe(context).then(
      (described) => {
        this.#describing = undefined;
        if (described.kind === 'described') this.#description = described.description;
        return described;
      },
      (error: unknown) => {
        this.#describing = undefined;
        throw error;
      },
    );
    return this.#describing;
  }

  /** Runs a call; the connector stays open until it has ended. */
  async use<T>(call: (connector: Connector) => Promise<T>): Promise<T> {
    this.#calls += 1;
    try {
      return await call(this.connector);
    } finally {
      this.#calls -= 1;
      if (this.#retired && this.#calls === 0) await this.connector.close();
    }
  }

  /** Closes the connector when its last call has ended. */
  async retire(): Promise<void> {
    if (this.#retired) return;
    this.#retired = true;
    if (this.#calls === 0) await this.connector.close();
  }
}

/** Every target path that a channel of the connection writes. */
export function mappedPaths(connection: SpConnection, objectType: ObjectType): string[] {
  return [...new Set(rulesOf(connection, objectType).map(([path]) => path))];
}

const referencePaths = (connection: SpConnection, objectType: ObjectType): string[] => [
  ...new Set(
    rulesOf(connection, objectType).flatMap(([path, rule]) =>
      typeof rule === 'object' && 'reference' in rule ? [path] : [],
    ),
  ),
];

const rulesOf = ({ spec }: SpConnection, objectType: ObjectType) =>
  spec.channels.flatMap((channel) =>
    Object.entries(objectType === 'user' ? channel.attributes : channel.groupAttributes),
  );
