/** How one run is set up; everything in it follows from the seed. */
export interface Setup {
  readonly partitions: number;
  readonly processes: number;
  /** SP connections; with `sharedScope` they share one budget. */
  readonly connections: number;
  readonly sharedScope: boolean;
  readonly users: number;
  readonly groups: number;
  /** Requests per second that an SP connection allows; 0 for no limit. */
  readonly rate: number;
  readonly burst: number;
  /** Removals that the guard lets pass. */
  readonly removals: number;
  readonly remove: 'disable' | 'delete';
  /** The target refuses a second account with the same name. */
  readonly unique: boolean;
  /** Accounts are not found for so long after they were created, in milliseconds. */
  readonly readDelayMs: number;
  /** What names an account stays when that is gone. */
  readonly keepsReferences: boolean;
  /** Members in one call. */
  readonly chunk: number;
}

/** Something that happens to the organisation, or that an operator does; `at` in milliseconds from the start. */
export type Operation = { readonly at: number } & (
  | {
      readonly kind:
        | 'hire'
        | 'rename'
        | 'disable'
        | 'enable'
        | 'leave'
        | 'return'
        | 'transfer-out'
        | 'transfer-in'
        | 'provision-now';
      readonly user: number;
    }
  | { readonly kind: 'join' | 'quit'; readonly user: number; readonly group: number }
  | { readonly kind: 'manager'; readonly user: number; readonly manager: number }
  | { readonly kind: 'group-create' | 'group-rename' | 'group-delete'; readonly group: number }
  | { readonly kind: 'configure' | 'approve' | 'reject' | 'retry' | 'pause' | 'resume'; readonly connection: number }
);

/** What can happen to a single request: `conflict` is a 409 without cause, `refusal` a 400; at `death` its sender dies. */
export type RequestFault =
  'lost-answer' | 'death' | 'reset' | 'server-error' | 'server-error-after' | 'conflict' | 'refusal' | 'slow';

export type When = 'before' | 'after';

/**
 * Something that goes wrong. `await` counts what dispatcher processes wait for, calls of the database and of service providers
 * alike; `request` counts the requests that one service provider gets for one object; `at` is in milliseconds from the start.
 */
export type Fault =
  | { readonly kind: 'crash'; readonly await: number; readonly when: When }
  | { readonly kind: 'database'; readonly await: number; readonly when: When }
  | {
      readonly kind: RequestFault;
      readonly connection: number;
      readonly object: string;
      readonly request: number;
    }
  | {
      readonly kind: 'outage' | 'throttle' | 'unauthorised';
      readonly at: number;
      readonly ms: number;
      readonly connection: number;
    }
  | { readonly kind: 'kill' | 'stop'; readonly at: number; readonly process: number }
  | { readonly kind: 'freeze' | 'clock-jump'; readonly at: number; readonly ms: number; readonly process: number }
  | { readonly kind: 'rebalance' | 'mapping-crash'; readonly at: number }
  | { readonly kind: 'rewind' | 'duplicate'; readonly at: number; readonly back: number }
  | { readonly kind: 'vanish'; readonly at: number; readonly connection: number; readonly user: number };

export type FaultKind = Fault['kind'];

/** One run, whole: the same plan always gives the same run. */
export interface Plan {
  readonly seed: number;
  readonly setup: Setup;
  readonly operations: readonly Operation[];
  readonly faults: readonly Fault[];
}
