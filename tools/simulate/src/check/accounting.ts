import type { ProvisioningResult } from '@provisor/contracts';
import type { World } from '../world/world.js';

/** I8: every version that was taken in has exactly one terminal result, unless it waits for a person. */
export function checkAccounting(world: World): void {
  const results = new Map<string, ProvisioningResult>();
  for (const record of world.tables.outbox) {
    const result = JSON.parse(record.value ?? 'null') as ProvisioningResult;
    // A result is stored once: the first of its id.
    if (!results.has(result.id)) results.set(result.id, result);
  }
  const terminal = new Map<string, ProvisioningResult[]>();
  for (const result of results.values()) {
    if (!result.terminal || result.operation.endsWith('-members') || result.operation === 'set-reference') continue;
    const key = keyOf(result);
    terminal.set(key, [...(terminal.get(key) ?? []), result]);
  }
  const seen = new Set<string>();
  for (const { command } of world.records()) {
    const key = keyOf(command);
    if (seen.has(key)) continue;
    seen.add(key);
    checkVersion(world, command, terminal.get(key) ?? []);
  }
  for (const key of terminal.keys())
    if (!seen.has(key))
      world.violate('I8', `There is a result for ${key.replaceAll('\n', ' ')}, which nobody asked for.`);
}

interface Named {
  readonly spConnection: string;
  readonly objectId: string;
  readonly version: { readonly sequence: number; readonly config: number };
}
const keyOf = ({ spConnection, objectId, version }: Named): string =>
  `${spConnection}\n${objectId}\n${version.sequence}.${version.config}`;

function checkVersion(world: World, command: Named, found: readonly ProvisioningResult[]): void {
  const row = world.tables.object(command);
  const waits = row?.state === 'held' && keyOf(row) === keyOf(command);
  const who = keyOf(command).replaceAll('\n', ' ');
  if (found.length === 0 && !waits) world.violate('I8', `${who} has no terminal result.`);
  if (found.length === 0) return;
  const again = world.triedAgain.get(`${command.spConnection}\n${command.objectId}`) ?? 0;
  // A command that is told twice, after a newer one, cannot be told from one that came late.
  const twice = world.injected.has('duplicate') || world.injected.has('mapping-crash');
  const own = twice ? found.filter((result) => result.outcome !== 'superseded') : found;
  const most = own.length > 0 ? own.length : found.length;
  // What was refused is tried again when its account turns out to be gone.
  const refused = own.some(({ outcome }) => outcome === 'rejected');
  const gone = refused && world.lossesOf(command.spConnection, command.objectId).length > 0 ? 1 : 0;
  if (most > 1 + again + gone)
    world.violate(
      'I8',
      `${who} has ${most} terminal results: ${found.map((one) => `${one.outcome} ${one.code}`).join(', ')}.`,
    );
}
