import type { DesiredState, IdentityChange, Lane, Presence, ProvisioningCommand, Version } from '@provisor/contracts';
import type { CompiledConnection } from '../connection/compiled-connection.js';
import { desiredHash, removalHash } from '../evaluation/desired-hash.js';
import type { Evaluation } from '../evaluation/evaluation.js';
import { compareVersions } from '../version/compare-versions.js';
import type { LedgerEntry } from './ledger-entry.js';

/** A provisioning command but for the time at which it is published. Values are plain: masked ones have to be sealed. */
export type PlannedCommand = Omit<ProvisioningCommand, 'mappedAt'>;

/** What to tell an SP connection about an object, and what the ledger holds from then on. */
export type Decision =
  | { readonly kind: 'none'; readonly ledger: LedgerEntry | null; readonly why: NoCommandReason }
  | { readonly kind: 'command'; readonly command: PlannedCommand; readonly ledger: LedgerEntry };

export type NoCommandReason =
  /** A newer version was told or seen. */
  | 'stale'
  /** Told before. */
  | 'unchanged'
  /** Another result for a version that was told: the dispatcher would not take it; the next change or configuration will. */
  | 'same-version'
  | 'never-in-scope'
  /** Removal was told before. */
  | 'removed-already'
  /** Policy leaves accounts as they are. */
  | 'policy-keep'
  /** Disabled at the source and never provisioned, and policy does not carry the account status. */
  | 'disabled-at-source'
  | 'suspended'
  | 'mapping-failed';

/** How the change came to be evaluated. */
export interface EvaluationOccasion {
  /** Part of a re-evaluation of many objects: served after live changes. */
  readonly bulk?: boolean;
  /** Somebody waits for it. */
  readonly interactive?: boolean;
  /** Older versions of the object were left out, and may come again: a topic brings everything at least once. */
  readonly folds?: boolean;
}

/** Whether this version of an object was told or seen already, or a newer one: nothing comes of it then, whatever it is evaluated to. */
export function isKnownVersion(
  previous: LedgerEntry | null,
  { sequence }: Pick<IdentityChange, 'sequence'>,
  { configVersion: config }: Pick<CompiledConnection, 'configVersion'>,
): boolean {
  return previous !== null && compareVersions({ sequence, config }, previous.version) <= 0;
}

/**
 * Decides whether an evaluation has to be told. The ledger suppresses what would change nothing, drops what is stale and sees
 * to it that a removal is told once, and only of objects that the connection was told about.
 */
export function decideCommand(
  previous: LedgerEntry | null,
  change: IdentityChange,
  evaluation: Evaluation,
  connection: CompiledConnection,
  occasion: EvaluationOccasion = {},
): Decision {
  const version: Version = { sequence: change.sequence, config: connection.configVersion };
  if (previous !== null && compareVersions(version, previous.version) < 0) return none(previous, 'stale');
  const context: Context = { change, connection, version, occasion };
  switch (evaluation.kind) {
    case 'failed':
      return none(previous, 'mapping-failed');
    case 'suspended':
      return none(previous, 'suspended');
    case 'out-of-scope':
      return previous === null ? none(neverTold(context), 'never-in-scope') : decideRemoval(previous, context);
    case 'in-scope':
      return decideInScope(previous, evaluation, context);
  }
}

interface Context {
  readonly change: IdentityChange;
  readonly connection: CompiledConnection;
  readonly version: Version;
  readonly occasion: EvaluationOccasion;
}
type InScope = Extract<Evaluation, { kind: 'in-scope' }>;

function decideInScope(previous: LedgerEntry | null, evaluation: InScope, context: Context): Decision {
  const desired = withStatusKept(previous, evaluation.desired, context);
  if (desired === undefined) return none(seen(previous, context.version), 'disabled-at-source');
  const { createOnly, masked, channel } = evaluation;
  // Nothing was ever told and nothing is wanted: there is no account of ours to remove.
  if (desired.presence === 'absent' && previous === null) return none(null, 'disabled-at-source');
  const ledger: LedgerEntry = {
    channel,
    hash: desiredHash(desired, createOnly, masked),
    version: context.version,
    presence: desired.presence,
  };
  if (previous?.hash === ledger.hash) return none(ledger, 'unchanged');
  if (previous !== null && compareVersions(context.version, previous.version) === 0)
    return none(previous, 'same-version');
  return {
    kind: 'command',
    ledger,
    command: {
      ...identity(context, channel),
      desired,
      ...(createOnly.length > 0 ? { createOnly: [...createOnly] } : {}),
      ...(masked.length > 0 ? { masked: [...masked] } : {}),
      reason: reasonInScope(previous, ledger, context),
      lane: laneOf(previous?.presence, desired.presence, context),
    },
  };
}

/** With `disabled: keep` an account stays what it was told to be; one that is not there is not made for a disabled user. */
function withStatusKept(
  previous: LedgerEntry | null,
  desired: DesiredState,
  context: Context,
): DesiredState | undefined {
  const { change, connection } = context;
  const kept = change.objectType === 'user' && change.enabled === false && connection.policy.users.disabled === 'keep';
  if (!kept) return desired;
  return previous === null || previous.presence === 'absent' ? undefined : { ...desired, presence: previous.presence };
}

function decideRemoval(previous: LedgerEntry, context: Context): Decision {
  const { change, connection, version } = context;
  const channel = connection.channels.find(({ name }) => name === previous.channel);
  if (channel?.active === false) return none(previous, 'suspended');
  const kept = seen(previous, version);
  if (previous.hash === DISABLED_BY_REMOVAL || previous.hash === ABSENT_BY_REMOVAL || previous.presence === 'absent')
    return none(kept, 'removed-already');
  const action = change.objectType === 'user' ? connection.policy.users.remove : connection.policy.groups.remove;
  if (action === 'keep') return none(kept, 'policy-keep');
  if (compareVersions(version, previous.version) === 0) return none(previous, 'same-version');
  const presence = action === 'delete' ? 'absent' : 'disabled';
  return {
    kind: 'command',
    ledger: {
      channel: previous.channel,
      hash: presence === 'absent' ? ABSENT_BY_REMOVAL : DISABLED_BY_REMOVAL,
      version,
      presence,
    },
    command: {
      ...identity(context, previous.channel),
      desired: { presence, memberOf: [] },
      reason: change.state === 'deleted' ? 'deleted' : 'left-scope',
      lane: laneOf(previous.presence, presence, context),
    },
  };
}

/**
 * Whoever is gone stays gone, and whoever left a scope stays out of it: an older version that comes after this one must find it in the
 * ledger. Of others who are in no scope, which may be nearly everybody, nothing is kept.
 */
const neverTold = ({ change, version, occasion }: Context): LedgerEntry | null =>
  change.state === 'deleted' || occasion.folds === true
    ? { channel: '', hash: ABSENT_BY_REMOVAL, version, presence: 'absent' }
    : null;

const DISABLED_BY_REMOVAL = removalHash('disabled');
const ABSENT_BY_REMOVAL = removalHash('absent');

function identity({ change, connection, version }: Context, channel: string) {
  return {
    spConnection: connection.name,
    channel,
    objectId: change.objectId,
    dataStore: change.dataStore,
    objectType: change.objectType,
    version,
    ...(change.dn === undefined ? {} : { label: change.dn }),
    occurredAt: change.occurredAt,
  };
}

function reasonInScope(previous: LedgerEntry | null, next: LedgerEntry, { version }: Context): string {
  if (previous === null || previous.presence === 'absent' || previous.hash === DISABLED_BY_REMOVAL)
    return 'entered-scope';
  if (next.presence === 'disabled' && previous.presence === 'active') return 'disabled';
  if (next.presence === 'absent') return 'disabled';
  if (next.presence === 'active' && previous.presence === 'disabled') return 'enabled';
  if (previous.channel !== next.channel) return 'moved-channel';
  return previous.version.sequence === version.sequence ? 'configuration-changed' : 'attribute-changed';
}

/** Whoever leaves goes first; what belongs to a mass of objects goes last. */
function laneOf(before: Presence | undefined, after: Presence, { change, occasion }: Context): Lane {
  if (before === 'active' && after !== 'active') return 'leaver';
  if (before === 'disabled' && after === 'absent') return 'leaver';
  if (occasion.interactive === true) return 'interactive';
  return occasion.bulk === true || change.snapshot === true ? 'bulk' : 'delta';
}

/** The entry with the version moved on: what is older is stale from now on. */
const seen = <T extends LedgerEntry | null>(entry: T, version: Version): T =>
  entry === null ? entry : { ...entry, version };
const none = (ledger: LedgerEntry | null, why: NoCommandReason): Decision => ({ kind: 'none', ledger, why });
