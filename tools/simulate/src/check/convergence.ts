import type { DesiredState, IdentityChange } from '@provisor/contracts';
import { evaluate } from '@provisor/provisioning';
import type { ObjectRow } from '../tables/tables.js';
import type { Account, Target } from '../world/target.js';
import type { World } from '../world/world.js';

/** I1 and I2: every account is as the source says, or it is held with a reason; nobody else's account was touched. */
export function checkConvergence(world: World): void {
  for (const [connection, target] of world.targets)
    for (const change of world.organisation.latest()) checkObject(world, { connection, target, change });
  for (const { connection, account, looked } of world.foreign) {
    const now = world.targets.get(connection)?.accounts.get(account.id);
    if (now === undefined || JSON.stringify([now.active, now.attributes]) !== looked)
      world.violate('I2', `${connection}: account ${account.id} of somebody else was changed.`);
  }
}

/** A guard, or a person, keeps the account as it is. */
const isKept = (row: ObjectRow | undefined): boolean =>
  row?.state === 'held' || (row?.state === 'skipped' && row.lastOutcome?.code === 'guard.rejected');

interface At {
  readonly connection: string;
  readonly target: Target;
  readonly change: IdentityChange;
}

function checkObject(world: World, at: At): void {
  const { connection, target, change } = at;
  const { objectId } = change;
  const accounts = [...target.accounts.values()].filter((account) => account.attributes['externalId'] === objectId);
  const who = `${connection} ${objectId}`;
  if (accounts.length > 1) {
    world.violate('I4', `${who} has ${accounts.length} accounts.`);
    return;
  }
  const row = world.tables.object({ spConnection: connection, objectId });
  if (isKept(row)) return;
  if (row?.state === 'failed') {
    world.violate('I1', `${who} failed without cause: ${row.lastOutcome?.code ?? ''} ${row.lastOutcome?.cause ?? ''}`);
    return;
  }
  const evaluation = evaluate(change, world.connection(connection), () => undefined);
  const [account] = accounts;
  if (evaluation.kind === 'in-scope') checkInScope(world, at, evaluation.desired, account);
  else checkOutOfScope(world, { who, row, change }, account);
}

/** Where the dispatcher says that the object stands. */
function stateOf(row: ObjectRow | undefined): string {
  if (row === undefined) return 'the dispatcher does not know it';
  const { version, state, desired, applied, lastOutcome } = row;
  return `${version.sequence}.${version.config} is ${state}, desired ${desired.presence}, applied ${applied?.presence ?? 'unknown'}, last ${lastOutcome?.code ?? 'nothing'}`;
}

/**
 * What was created without an answer can only be removed if it is found, and this service provider does not show at once what it
 * has. Whoever asked when it was shown already has no excuse.
 */
function cannotBeFound({ setup, ledger }: World, who: string): boolean {
  if (setup.readDelayMs === 0) return false;
  const own = ledger.filter((entry) => `${entry.connection} ${entry.objectId}` === who);
  return own.some(
    (create) =>
      create.kind === 'create' &&
      create.fault !== undefined &&
      !own.some(
        ({ kind, at, fault }) => kind === 'lookup' && fault === undefined && at !== undefined && at >= shownAt(create),
      ),
  );

  function shownAt({ at, sentAt }: World['ledger'][number]): number {
    return (at ?? sentAt) + setup.readDelayMs;
  }
}

function checkOutOfScope(
  world: World,
  { who, row, change }: { who: string; row: ObjectRow | undefined; change: IdentityChange },
  account: Account | undefined,
): void {
  const deletes = change.objectType === 'group' || world.setup.remove === 'delete';
  if (account === undefined || cannotBeFound(world, who)) return;
  if (deletes) world.violate('I1', `${who} has an account, and should have none.`);
  else if (account.active) world.violate('I1', `${who} left, and its account is open; ${stateOf(row)}.`);
}

function checkInScope(world: World, at: At, desired: DesiredState, account: Account | undefined): void {
  const who = `${at.connection} ${at.change.objectId}`;
  if (account === undefined) {
    if (desired.presence === 'active') world.violate('I1', `${who} has no account.`);
    return;
  }
  if (account.active !== (desired.presence === 'active'))
    world.violate(
      'I1',
      `${who} should be ${desired.presence}, and its account is ${account.active ? 'open' : 'closed'}.`,
    );
  for (const [path, value] of Object.entries(desired.attributes ?? {}))
    if (JSON.stringify(account.attributes[path]) !== JSON.stringify(value))
      world.violate(
        'I1',
        `${who}: ${path} is ${JSON.stringify(account.attributes[path])}, not ${JSON.stringify(value)}.`,
      );
  for (const path of ['nickName'])
    if (account.attributes[path] !== undefined && desired.attributes?.[path] === undefined)
      world.violate('I1', `${who}: ${path} should have been cleared.`);
  if (at.change.objectType === 'group') checkMembers(world, at, account);
  else checkReferences(world, at, desired, account);
}

const accountOf = (target: Target, objectId: string): Account | undefined =>
  [...target.accounts.values()].find((account) => account.attributes['externalId'] === objectId);

function checkMembers(world: World, { connection, target, change }: At, group: Account): void {
  for (const member of world.organisation.latest()) {
    const account = accountOf(target, member.objectId);
    const row = world.tables.object({ spConnection: connection, objectId: member.objectId });
    if (member.objectType !== 'user' || account === undefined || row === undefined || row.targetId === null) continue;
    // The account goes first; as long as it is kept, its memberships are.
    if (isKept(row)) continue;
    const evaluation = evaluate(member, world.connection(connection), () => undefined);
    const desired = evaluation.kind === 'in-scope' ? (evaluation.desired.memberOf ?? []) : [];
    const [is, should] = [group.members.has(account.id), desired.includes(change.objectId)];
    if (is !== should)
      world.violate(
        'I1',
        `${connection}: ${member.objectId} is ${is ? 'a' : 'no'} member of ${change.objectId}, and should ${should ? '' : 'not '}be.`,
      );
  }
  for (const id of group.members)
    if (!target.accounts.has(id))
      world.violate('I1', `${connection} ${change.objectId} has a member that does not exist.`);
}

function checkReferences(
  world: World,
  { connection, target, change }: At,
  desired: DesiredState,
  account: Account,
): void {
  for (const [path, objectId] of Object.entries(desired.references ?? {})) {
    const targetId = world.tables.object({ spConnection: connection, objectId })?.targetId ?? null;
    if (targetId !== null && target.accounts.has(targetId) && account.references[path] !== targetId)
      world.violate(
        'I1',
        `${connection} ${change.objectId}: its reference to ${objectId} is ${account.references[path] ?? 'not set'}.`,
      );
  }
  for (const path of Object.keys(account.references))
    if (desired.references?.[path] === undefined)
      world.violate('I1', `${connection} ${change.objectId}: a reference should have been cleared.`);
}
