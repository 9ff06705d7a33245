import type { ObjectType } from '@provisor/contracts';
import type { Clock } from '@provisor/host';
import type { ListedPage, TargetObject } from '@provisor/persistence';
import type { CallContext, CallOutcome, LookupRequest, TargetDescription } from '@provisor/provisioning';
import { plainAttributes } from '../delivery/opened-attributes.js';
import type { TargetSession } from '../delivery/target-session.js';
import type { Compared } from './compare-found.js';
import type { ReconciliationPort } from './reconciler.js';

export interface StepDependencies {
  readonly store: ReconciliationPort;
  readonly session: TargetSession;
  readonly clock: Pick<Clock, 'now'>;
  readonly context: CallContext;
}

/** What a step needs once the target has told what it can do. */
export type DescribedDependencies = StepDependencies & { readonly description: TargetDescription };

export interface StepResult extends Compared {
  readonly page?: ListedPage;
  /** Of these there is no account, neither by id nor by name. */
  readonly absent?: { readonly objectType: ObjectType; readonly requests: readonly LookupRequest[] };
}

export const NOTHING = { findings: [], adopt: [] };

/** The target could not be read. */
export class TargetFailed extends Error {
  override readonly name = 'TargetFailed';
  readonly outcome: CallOutcome;

  constructor(outcome: CallOutcome) {
    super(outcome.code);
    this.outcome = outcome;
  }
}

/** What an object is looked for by. */
export const requestOf = ({ objectType, objectId, desired }: TargetObject): LookupRequest => ({
  objectType,
  objectId,
  attributes: plainAttributes(desired.attributes ?? {}),
});

/** Where no memberships are carried to the target, whoever is a member there is nobody's business. */
export const comparesMembers = (objectType: ObjectType, { session, description }: DescribedDependencies): boolean =>
  objectType === 'group' &&
  description.listsMembers === true &&
  session.connection.spec.channels.some(({ memberships }) => memberships);
