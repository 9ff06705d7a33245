import {
  provisioningCommands,
  provisioningDeadLetters,
  provisioningResults,
  type DeadLetter,
  type ProvisioningCommand,
  type ProvisioningResult,
} from '@provisor/contracts';
import type { KafkaClient, ReceivedRecord } from '@provisor/kafka';
import type { Violation } from './violation.js';

export interface Topics {
  readonly commands: readonly ReceivedRecord<ProvisioningCommand>[];
  readonly results: readonly ReceivedRecord<ProvisioningResult>[];
  readonly deadLetters: readonly ReceivedRecord<DeadLetter>[];
}

/** Everything that was said on the topics behind mapping. */
export async function readTopics(kafka: KafkaClient): Promise<Topics> {
  const commands: ReceivedRecord<ProvisioningCommand>[] = [];
  const results: ReceivedRecord<ProvisioningResult>[] = [];
  const deadLetters: ReceivedRecord<DeadLetter>[] = [];
  await Promise.all([
    kafka.readToEnd({ contract: provisioningCommands('scim'), handle: async (batch) => void commands.push(...batch) }),
    kafka.readToEnd({ contract: provisioningResults, handle: async (batch) => void results.push(...batch) }),
    kafka.readToEnd({ contract: provisioningDeadLetters, handle: async (batch) => void deadLetters.push(...batch) }),
  ]);
  return { commands, results, deadLetters };
}

/** Results of memberships and references stand beside the one result of the object's version. */
const OF_EDGES = new Set(['add-members', 'remove-members', 'set-reference']);

/**
 * I8: each version of an object that was accepted has exactly one terminal result, and nobody else has one. What was rejected may have
 * another one after it, when a person or a change of another object gave it a new chance. A copy of an older command that comes later is
 * not to be told from a late one, and may be superseded as such.
 */
export function checkAccounting({ commands, results, deadLetters }: Topics): Violation[] {
  const accepted = new Map<string, ProvisioningCommand>();
  const copied = new Set<string>();
  for (const { value } of commands) {
    if (value === null) continue;
    if (accepted.has(versionKey(value))) copied.add(versionKey(value));
    accepted.set(versionKey(value), value);
  }
  const terminal = terminalResults(results);
  const violations: Violation[] = [];
  for (const [key, { spConnection, objectId }] of accepted) {
    const found = [...(terminal.get(key)?.values() ?? [])];
    if (isClosed(found, copied.has(key))) continue;
    const told = found.map(({ id, outcome, operation, code, finishedAt }) =>
      [id, outcome, operation, code, finishedAt].join(' '),
    );
    violations.push({
      invariant: 'I8',
      spConnection,
      objectId,
      what: `${key} has ${found.length} terminal results.`,
      ledger: told,
    });
  }
  for (const key of terminal.keys())
    if (!accepted.has(key))
      violations.push({ invariant: 'I8', what: `${key} has a result, and there is no such command.` });
  for (const { value } of deadLetters)
    if (value !== null)
      violations.push({ invariant: 'I8', what: `There is a dead letter: ${JSON.stringify(value).slice(0, 500)}` });
  return violations;
}

function isClosed(results: readonly ProvisioningResult[], isCopied: boolean): boolean {
  const counted = results.filter(({ outcome }) => outcome !== 'rejected');
  if (counted.length === 0) return results.length === 1;
  if (counted.length === 1) return true;
  return isCopied && counted.filter(({ outcome }) => outcome !== 'superseded').length <= 1;
}

/** By version, then by the id of the result, which is the same however often it was sent. */
function terminalResults(results: Topics['results']): Map<string, Map<string, ProvisioningResult>> {
  const terminal = new Map<string, Map<string, ProvisioningResult>>();
  for (const { value } of results) {
    if (value === null || !value.terminal || OF_EDGES.has(value.operation)) continue;
    const key = versionKey(value);
    const ids = terminal.get(key) ?? new Map<string, ProvisioningResult>();
    terminal.set(key, ids.set(value.id, value));
  }
  return terminal;
}

const versionKey = (o: Pick<ProvisioningCommand, 'spConnection' | 'objectId' | 'version'>): string =>
  `${o.spConnection} ${o.objectId} ${o.version.sequence}.${o.version.config}`;
