import type { DesiredState, IdentityChange, Policy, TargetValue } from '@provisor/contracts';
import type { RuleAnswer } from '../attribute-mapping/compile-rule.js';
import type { ExpressionInput } from '../attribute-mapping/expression.js';
import type { CompiledChannel, CompiledConnection, CompiledMapping } from '../connection/compiled-connection.js';
import { EntryView } from '../scope/entry-view.js';
import type { Evaluation, GroupResolver, MappingProblem } from './evaluation.js';

/** All values of one object together, in characters: a command has to fit into a record. */
const MAX_TOTAL_LENGTH = 600_000;

/**
 * What an SP connection makes of an identity change: the desired state by the first active channel whose scope holds, or that
 * the object is in no scope. Pure and deterministic.
 */
export function evaluate(change: IdentityChange, connection: CompiledConnection, groups: GroupResolver): Evaluation {
  if (!connection.active) return { kind: 'suspended' };
  if (change.state === 'deleted') return { kind: 'out-of-scope' };
  const entry = new EntryView(change);
  let suspended: string | undefined;
  for (const channel of connection.channels) {
    const mapping = channel.dataStore === change.dataStore ? channel.mappings[change.objectType] : undefined;
    if (mapping === undefined || (!channel.active && suspended !== undefined)) continue;
    const answer = mapping.scope.answer(change, entry, groups);
    if (answer.kind === 'out') continue;
    if (!channel.active) {
      suspended = channel.name;
      continue;
    }
    if (answer.kind === 'unknown') {
      const { code, path, message } = answer;
      return { kind: 'failed', channel: channel.name, problem: { channel: channel.name, code, path, message } };
    }
    return desire(change, entry, { connection, channel, mapping });
  }
  return suspended === undefined ? { kind: 'out-of-scope' } : { kind: 'suspended', channel: suspended };
}

interface Place {
  readonly connection: CompiledConnection;
  readonly channel: CompiledChannel;
  readonly mapping: CompiledMapping;
}

function desire(change: IdentityChange, entry: EntryView, place: Place): Evaluation {
  const { channel, mapping, connection } = place;
  const presence = presenceOf(change, connection.policy);
  const told = {
    kind: 'in-scope',
    channel: channel.name,
    createOnly: mapping.createOnly,
    masked: mapping.masked,
  } as const;
  if (presence === 'absent') return { ...told, desired: { presence, memberOf: [] }, problems: [] };
  const mapped = mapAttributes(change, entry, place);
  const memberOf = connection.provisionsGroups && channel.memberships ? { memberOf: change.memberOf ?? [] } : {};
  if (mapped.fatal === undefined)
    return { ...told, desired: { presence, ...mapped.state, ...memberOf }, problems: mapped.problems };
  // Whatever is wrong with attributes must not keep an account open that has to be closed.
  if (presence === 'disabled')
    return { ...told, desired: { presence, ...memberOf }, problems: [...mapped.problems, mapped.fatal] };
  return { kind: 'failed', channel: channel.name, problem: mapped.fatal };
}

/** What the account status of an object in scope means by policy. `keep` leaves the status alone, so it stays as active. */
function presenceOf(change: IdentityChange, policy: Policy): DesiredState['presence'] {
  if (change.objectType === 'group' || change.enabled !== false) return 'active';
  switch (policy.users.disabled) {
    case 'disable':
      return 'disabled';
    case 'delete':
      return 'absent';
    case 'keep':
      return 'active';
  }
}

interface Mapped {
  readonly state: Pick<DesiredState, 'attributes' | 'references'>;
  readonly problems: MappingProblem[];
  readonly fatal?: MappingProblem;
}

function mapAttributes(change: IdentityChange, entry: EntryView, { channel, mapping }: Place): Mapped {
  const input: ExpressionInput = {
    objectId: change.objectId,
    dn: change.dn ?? '',
    enabled: change.enabled ?? true,
    entry,
  };
  const attributes: Record<string, TargetValue> = {};
  const problems: MappingProblem[] = [];
  let length = 0;
  let fatal: MappingProblem | undefined;
  for (const { path, rule, required } of mapping.rules) {
    if (rule.reference !== undefined) continue;
    const answer = rule.evaluate(input);
    const problem = problemOf(answer, path, channel.name, rule.masked);
    if (answer.value === undefined) {
      fatal ??= problem ?? missing(path, channel.name, required);
      continue;
    }
    attributes[path] = answer.value;
    length += lengthOf(answer.value);
    if (problem !== undefined) problems.push(problem);
  }
  if (length > MAX_TOTAL_LENGTH) fatal ??= tooLarge(channel.name, length);
  const state = { attributes, ...mapReferences(change, mapping) };
  return { state, problems, ...(fatal === undefined ? {} : { fatal }) };
}

function mapReferences(change: IdentityChange, mapping: CompiledMapping): Pick<DesiredState, 'references'> {
  const references: Record<string, string> = {};
  for (const { path, rule } of mapping.rules) {
    const named = rule.reference === undefined ? undefined : referenceOf(change, rule.reference);
    if (named !== undefined) references[path] = named;
  }
  return mapping.rules.some(({ rule }) => rule.reference !== undefined) ? { references } : {};
}

const tooLarge = (channel: string, length: number): MappingProblem => ({
  channel,
  code: 'mapping.too-large',
  message: `All values together have ${length} characters; at most ${MAX_TOTAL_LENGTH} fit into a command.`,
});

function problemOf(answer: RuleAnswer, path: string, channel: string, masked: boolean): MappingProblem | undefined {
  if (answer.problem === undefined) return undefined;
  // What an expression complains about can contain the value.
  const message = masked ? 'The masked value could not be made.' : answer.problem.message.slice(0, 500);
  return { channel, code: answer.problem.code, path, message };
}

const missing = (path: string, channel: string, required: boolean): MappingProblem | undefined =>
  required
    ? {
        channel,
        code: 'mapping.required',
        path,
        message: `${path} has no value, and the service provider demands one.`,
      }
    : undefined;

/** The object that an attribute names; attribute names without regard to case. */
function referenceOf(change: IdentityChange, lowerCaseName: string): string | undefined {
  for (const [name, objectId] of Object.entries(change.references ?? {}))
    if (name.toLowerCase() === lowerCaseName) return objectId;
  return undefined;
}

function lengthOf(value: TargetValue): number {
  if (typeof value === 'string') return value.length;
  if (!Array.isArray(value)) return 8;
  return value.reduce((sum: number, item) => sum + (typeof item === 'string' ? item.length : 8), 0);
}
