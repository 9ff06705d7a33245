import type { Presence, TargetAttributes, TargetValue } from '@provisor/contracts';
import type { CallOutcome } from '../outcome/outcome.js';
import { applyDifference, isGenerated, isShowable, UNKNOWN_VALUE } from './attribute-difference.js';
import type { Intent } from './intent.js';
import type { AppliedState, SentState, TargetObjectState } from './target-object-state.js';
import { linkTo, withAccount } from './with-account.js';

type Applied = Extract<CallOutcome, { kind: 'applied' | 'unchanged' }>;
type UpdateIntent = Extract<Intent, { kind: 'update' }>;

/**
 * The object's state after the target answered at `now`. Where the answer was lost, what was sent counts as unknown and is sent again,
 * so that a state that is desired later never passes for applied by chance.
 */
export function applyIntent(
  object: TargetObjectState,
  intent: Intent,
  outcome: CallOutcome,
  now: number,
): TargetObjectState {
  if (outcome.kind === 'vanished') return afterVanished(object, intent);
  switch (intent.kind) {
    case 'create':
      return afterCreate(object, outcome, now);
    case 'update':
      return afterUpdate(object, intent, outcome);
    case 'remove':
      return afterRemove(object, intent.how, outcome);
    case 'none':
    case 'skip':
    case 'match':
    case 'read':
      return object;
  }
}

function afterCreate(object: TargetObjectState, outcome: CallOutcome, now: number): TargetObjectState {
  if (isApplied(outcome) && outcome.targetId !== undefined) {
    return withAccount(object, linkTo(outcome.targetId, outcome.targetVersion), {
      presence: object.desired.presence,
      attributes: comparableAttributes(object),
    });
  }
  if (!mayHaveCreated(outcome)) return { ...object, createIntended: false, applied: null };
  // What is refused is not under way any more.
  return beginCreate(object, outcome.kind === 'rejected' ? undefined : now);
}

/**
 * The state to be stored before a create is sent: should its answer never be seen, the account is looked for, and what may have been
 * written counts as unknown. `underWayUntil`: undefined where the create is known to be over.
 */
export function beginCreate(object: TargetObjectState, underWayUntil: number | undefined): TargetObjectState {
  const sent = [...Object.keys(comparableAttributes(object)), ...Object.keys(object.applied?.attributes ?? {})];
  return {
    ...object,
    createIntended: true,
    applied: {
      presence: 'absent',
      attributes: Object.fromEntries(sent.map((path) => [path, UNKNOWN_VALUE])),
      ...(underWayUntil === undefined ? {} : { underWayUntil }),
    },
  };
}

/** A success without an id, or a refusal after the request was read, may have left an account behind. */
function mayHaveCreated(outcome: CallOutcome): boolean {
  if (outcome.kind === 'halted') return false;
  return outcome.kind !== 'retryable' || outcome.ambiguous === true;
}

function afterUpdate(object: TargetObjectState, intent: UpdateIntent, outcome: CallOutcome): TargetObjectState {
  const before = object.applied ?? { presence: 'absent' as const, attributes: {} };
  if (isApplied(outcome)) {
    const presence: Presence = intent.active === undefined ? before.presence : intent.active ? 'active' : 'disabled';
    return {
      ...relinked(object, outcome),
      applied: { presence, attributes: applyDifference(before.attributes, intent) },
    };
  }
  if (!isLost(outcome)) return object;
  const unknown = [...Object.keys(intent.set), ...intent.clear].map((path) => [path, UNKNOWN_VALUE] as const);
  return {
    ...object,
    applied: {
      presence: intent.active === undefined ? before.presence : 'absent',
      attributes: { ...before.attributes, ...Object.fromEntries(unknown) },
      sent: sentWith(before.sent, intent),
    },
  };
}

/** The newest call counts for each path. That a value was cleared cannot be seen: a target may never show the path. */
function sentWith(before: SentState | undefined, { set, clear, active }: UpdateIntent): SentState {
  const attributes = Object.entries({ ...before?.attributes, ...set }).filter(
    ([path, value]) => isShowable(value) && !clear.includes(path),
  );
  const presence = active === undefined ? before?.presence : active ? 'active' : 'disabled';
  return { ...(presence === undefined ? {} : { presence }), attributes: Object.fromEntries(attributes) };
}

function afterRemove(object: TargetObjectState, how: 'disable' | 'delete', outcome: CallOutcome): TargetObjectState {
  if (isApplied(outcome)) {
    if (how === 'delete') return withoutAccount(object);
    return {
      ...relinked(object, outcome),
      applied: { presence: 'disabled', attributes: object.applied?.attributes ?? {} },
    };
  }
  if (!isLost(outcome)) return object;
  const { attributes = {}, sent }: Partial<AppliedState> = object.applied ?? {};
  // Whoever returns after a deletion whose answer was lost may be there or not: everything has to be written to find out.
  return {
    ...object,
    applied: {
      presence: 'absent',
      ...(how === 'delete'
        ? { attributes: mapValues(attributes, UNKNOWN_VALUE) }
        : { attributes, sent: { attributes: {}, ...sent, presence: 'disabled' } }),
    },
  };
}

const mapValues = (attributes: TargetAttributes, value: TargetValue): TargetAttributes =>
  Object.fromEntries(Object.keys(attributes).map((path) => [path, value]));

function afterVanished(object: TargetObjectState, intent: Intent): TargetObjectState {
  if (intent.kind === 'remove' && intent.how === 'delete') return withoutAccount(object);
  return { ...object, link: null, applied: null };
}

const withoutAccount = (object: TargetObjectState): TargetObjectState => ({
  ...object,
  link: null,
  applied: null,
  createIntended: false,
  removed: true,
  removedVersion: object.version,
});

/** Desired attributes as they are compared later: create-only and generated values are never compared. */
export function comparableAttributes(object: TargetObjectState): TargetAttributes {
  const createOnly = new Set(object.createOnly);
  return Object.fromEntries(
    Object.entries(object.desired.attributes ?? {}).filter(
      ([path, value]) => !createOnly.has(path) && !isGenerated(value),
    ),
  );
}

function relinked(object: TargetObjectState, outcome: Applied): TargetObjectState {
  const targetId = outcome.targetId ?? object.link?.targetId;
  return targetId === undefined ? object : { ...object, link: linkTo(targetId, outcome.targetVersion) };
}

const isApplied = (outcome: CallOutcome): outcome is Applied =>
  outcome.kind === 'applied' || outcome.kind === 'unchanged';
const isLost = (outcome: CallOutcome): boolean => outcome.kind === 'retryable' && outcome.ambiguous === true;
