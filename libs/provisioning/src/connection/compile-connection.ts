import type { Channel, ChannelScope, ObjectType, SpConnection } from '@provisor/contracts';
import { ConfigurationProblem, type ConfigurationFault } from '../problem/configuration-problem.js';
import { compileScope } from '../scope/compile-scope.js';
import { compileMapping } from './compile-mapping.js';
import type { CompiledChannel, CompiledConnection, CompiledMapping } from './compiled-connection.js';

type Report = (fault: ConfigurationFault) => void;

/**
 * Checks and prepares an SP connection's document: filters, base DNs, target paths and expressions are parsed once. Throws
 * ConfigurationProblem with everything that is wrong. `configVersion` is the version of the document.
 */
export function compileConnection(document: SpConnection, configVersion: number): CompiledConnection {
  const faults: ConfigurationFault[] = [];
  const names = new Set<string>();
  const channels = document.spec.channels.map((channel, index) => {
    const path = `spec.channels[${index}]`;
    if (names.has(channel.name))
      faults.push({
        path: `${path}.name`,
        message: `There is another channel "${channel.name}"`,
        expected: 'a name of its own for each channel',
      });
    names.add(channel.name);
    return compileChannel(channel, (fault) => faults.push({ ...fault, path: `${path}.${fault.path}` }));
  });
  const [first, ...others] = faults;
  if (first !== undefined) throw new ConfigurationProblem([first, ...others]);
  return {
    name: document.metadata.name,
    configVersion,
    active: document.spec.active,
    policy: document.spec.policy,
    channels,
    provisionsGroups: channels.some((channel) => channel.active && channel.mappings.group !== undefined),
    document,
  };
}

function compileChannel(channel: Channel, report: Report): CompiledChannel {
  if (channel.users === undefined && channel.groups === undefined)
    report({
      path: 'users',
      message: 'The channel takes neither users nor groups',
      expected: '"users", "groups" or both; "users: {}" takes every user',
    });
  const mappings: Partial<Record<ObjectType, CompiledMapping>> = {};
  if (channel.users) mappings.user = compile(channel.users, 'user', channel, report);
  if (channel.groups) mappings.group = compile(channel.groups, 'group', channel, report);
  return {
    name: channel.name,
    active: channel.active,
    dataStore: channel.dataStore,
    memberships: channel.memberships,
    mappings,
  };
}

const REQUIRED = { user: 'userName', group: 'displayName' } as const;

function compile(scope: ChannelScope, objectType: ObjectType, channel: Channel, report: Report): CompiledMapping {
  const key = objectType === 'user' ? 'attributes' : 'groupAttributes';
  return {
    scope: compileScope(scope, (fault) => report({ ...fault, path: `${objectType}s.${fault.path}` })),
    ...compileMapping(channel[key], REQUIRED[objectType], (fault) => report({ ...fault, path: `${key}${fault.path}` })),
  };
}

/** The groups that scopes of active channels name, each once, to be resolved before objects are evaluated. */
export function scopeGroupsOf(connection: CompiledConnection): { dataStore: string; dnOrId: string }[] {
  const found = new Map<string, { dataStore: string; dnOrId: string }>();
  for (const channel of connection.channels)
    for (const mapping of Object.values(channel.mappings))
      for (const dnOrId of mapping.scope.groups)
        found.set(JSON.stringify([channel.dataStore, dnOrId]), { dataStore: channel.dataStore, dnOrId });
  return [...found.values()];
}
