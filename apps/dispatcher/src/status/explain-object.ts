import type { EdgeStatus, ObjectStatus } from '@provisor/persistence';
import { plan, type Intent } from '@provisor/provisioning';
import { stateOf } from '../delivery/target-object-state.js';
import type { Block } from '../engine/connection-gate.js';
import type { Outlook } from '../engine/outlook.js';

/** One thing that an object waits for. */
export interface Wait {
  readonly kind:
    | 'hold'
    | 'person'
    | Block['kind']
    | 'throttled'
    | 'next-attempt'
    | 'listing'
    | 'lane'
    | 'owner'
    | 'other-end'
    | 'edges';
  /** In words, to complete "waits for …". */
  readonly what: string;
  /** When it is over by itself, where that is known. */
  readonly until?: string;
}

/** What the next attempt would do, as far as it can be told without asking the target. Values are not shown. */
export interface ShownPlan {
  readonly kind: Intent['kind'];
  readonly what: string;
  readonly set?: readonly string[];
  readonly clear?: readonly string[];
}

export interface Circumstances {
  readonly block: Block | undefined;
  /** Undefined where another process owns the SP connection, or nobody does. */
  readonly outlook: Outlook | undefined;
  readonly now: number;
}

/** Everything that stands between an object and its desired state, the most decisive first; none where nothing is to be done. */
export function waitsOf(status: ObjectStatus, at: Circumstances): Wait[] {
  return [...stateWaits(status, at), ...edgeWaits(status.edges)];
}

function stateWaits({ object, hold }: ObjectStatus, { block, outlook, now }: Circumstances): Wait[] {
  if (object.state === 'held')
    return [{ kind: 'hold', what: `approval or rejection by a person: ${hold?.cause ?? 'a guard stopped it'}` }];
  if (object.state === 'failed')
    return [{ kind: 'person', what: 'a newer desired state, a changed configuration, or a retry by a person' }];
  if (object.state !== 'pending') return [];
  const waits: Wait[] = [];
  if (block !== undefined) waits.push({ kind: block.kind, what: BLOCKS[block.kind], ...untilOf(block.until) });
  if (object.nextAttemptAt > now)
    waits.push({ kind: 'next-attempt', what: 'the time of its next attempt', ...untilOf(object.nextAttemptAt) });
  if (outlook === undefined)
    return block === undefined
      ? [...waits, { kind: 'owner', what: 'the dispatcher that owns the SP connection' }]
      : waits;
  if (outlook.throttledUntil !== undefined)
    waits.push({ kind: 'throttled', what: 'the budget of the limit scope', ...untilOf(outlook.throttledUntil) });
  if (outlook.listing && object.lane === 'bulk')
    waits.push({ kind: 'listing', what: 'the list of accounts at the service provider' });
  if (waits.length === 0) {
    const queued = outlook.queued[object.lane];
    const company = queued > 1 ? `, where ${queued} are queued` : '';
    waits.push({ kind: 'lane', what: `its turn in lane ${object.lane}${company}` });
  }
  return waits;
}

function edgeWaits(edges: readonly EdgeStatus[]): Wait[] {
  const open = edges.filter((edge) => edge.desired !== edge.applied);
  const parked = open.filter((edge) => !edge.bothLinked).length;
  const following = open.filter((edge) => edge.bothLinked && edge.afterAccount).length;
  const rest = open.length - parked - following;
  return [
    ...(parked === 0
      ? []
      : [{ kind: 'other-end', what: `an account at the other end of ${parked} memberships or references` } as const]),
    ...(following === 0
      ? []
      : [
          {
            kind: 'edges',
            what: `the removal of the account, which ${following} memberships or references follow`,
          } as const,
        ]),
    ...(rest === 0 ? [] : [{ kind: 'edges', what: `the sending of ${rest} memberships or references` } as const]),
  ];
}

const untilOf = (at: number | undefined): { until?: string } =>
  at === undefined ? {} : { until: new Date(at).toISOString() };

const BLOCKS: Readonly<Record<Block['kind'], string>> = {
  paused: 'the SP connection to be resumed',
  inactive: 'the SP connection to be set active',
  'no-configuration': 'the configuration of the SP connection',
  quarantined: 'the SP connection to leave quarantine',
  'breaker-open': 'the service provider to answer again',
};

/** Undefined where the policy is not known here. */
export function planOf({ object }: ObjectStatus, outlook: Outlook | undefined): ShownPlan | undefined {
  if (outlook?.policy === undefined) return undefined;
  const intent = plan(stateOf(object, { intentFresh: false }), outlook.policy);
  return {
    kind: intent.kind,
    what: inWords(intent),
    ...(intent.kind === 'update' ? { set: Object.keys(intent.set), clear: intent.clear } : {}),
  };
}

function inWords(intent: Intent): string {
  switch (intent.kind) {
    case 'none':
      return intent.why === 'as-desired'
        ? 'Nothing: the account is as desired.'
        : 'Nothing: there is to be no account.';
    case 'skip':
      return `Nothing: ${intent.cause}`;
    case 'match':
      return 'Look for an account of this object at the service provider, and link it or create one, as the policy says.';
    case 'read':
      return 'Read the account: what was sent to it may have arrived, although the answer was lost.';
    case 'create':
      return 'Create the account.';
    case 'update':
      return `Write ${Object.keys(intent.set).length} and clear ${intent.clear.length} attributes${activation(intent.active)}.`;
    case 'remove':
      return intent.how === 'delete' ? 'Delete the account.' : 'Disable the account.';
  }
}

function activation(active: boolean | undefined): string {
  if (active === undefined) return '';
  return active ? ', and enable the account' : ', and disable the account';
}
