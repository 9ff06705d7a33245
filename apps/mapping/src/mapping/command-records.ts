import {
  encodeRecord,
  limitScopeOf,
  provisioningCommands,
  provisioningResults,
  type ProvisioningCommand,
  type ProvisioningResult,
  type SealedValue,
  type TargetAttributes,
} from '@provisor/contracts';
import type { OutgoingRecord } from '@provisor/kafka';
import { traceIdOf } from '@provisor/telemetry';
import type { DecidedCommand, FailedMapping } from './decide-changes.js';

const SOURCE = '/provisor/mapping';
const REMEDY =
  'Correct the attribute mapping or the source data; the next change or configuration maps the object anew.';

export type Sealer = (text: string) => Promise<SealedValue>;

/** A command as a record: masked values sealed, keyed by limit scope, with an id that a repetition shares. */
export async function commandRecord(
  { command: planned, connection }: DecidedCommand,
  o: { readonly seal: Sealer | undefined; readonly at: Date; readonly traceparent: string },
): Promise<OutgoingRecord> {
  const { type } = connection.document.spec.target;
  const contract = provisioningCommands(type);
  const command: ProvisioningCommand = {
    ...planned,
    desired: await sealed(planned, o.seal),
    mappedAt: o.at.toISOString(),
  };
  const encoded = encodeRecord(contract, command, {
    id: versionId(command),
    source: SOURCE,
    time: o.at,
    key: limitScopeOf(connection.document),
    traceparent: o.traceparent,
  });
  return { topic: contract.name, ...encoded };
}

/** That an object could not be mapped, as a result that everybody may read. A repetition has the same id. */
export function failureRecord(
  { connection, source, problem }: FailedMapping,
  o: { readonly at: Date; readonly traceparent: string },
): OutgoingRecord {
  const { change } = source;
  const version = { sequence: change.sequence, config: connection.configVersion };
  const where = problem.path === undefined ? '' : `${problem.path}: `;
  const traceId = traceIdOf(o.traceparent);
  const result: ProvisioningResult = {
    id: `mapping:${versionId({ spConnection: connection.name, objectId: change.objectId, version })}`.slice(0, 200),
    spConnection: connection.name,
    objectId: change.objectId,
    objectType: change.objectType,
    ...(problem.channel === '' ? {} : { channel: problem.channel }),
    ...(change.dn === undefined ? {} : { label: change.dn }),
    version,
    operation: 'none',
    outcome: 'rejected',
    terminal: true,
    code: problem.code,
    cause: `${where}${problem.message}`.slice(0, 2000),
    remedy: REMEDY,
    attempt: 0,
    occurredAt: change.occurredAt,
    finishedAt: o.at.toISOString(),
    ...(traceId === undefined ? {} : { traceId }),
  };
  const encoded = encodeRecord(provisioningResults, result, {
    id: result.id,
    source: SOURCE,
    time: o.at,
    traceparent: o.traceparent,
  });
  return { topic: provisioningResults.name, ...encoded };
}

type Versioned = Pick<ProvisioningCommand, 'spConnection' | 'objectId' | 'version'>;
const versionId = ({ spConnection, objectId, version }: Versioned): string =>
  `${spConnection}:${objectId}:${version.sequence}.${version.config}`;

async function sealed(
  { desired, masked }: DecidedCommand['command'],
  seal: Sealer | undefined,
): Promise<ProvisioningCommand['desired']> {
  if (desired.attributes === undefined || masked === undefined || masked.length === 0) return desired;
  const attributes: Record<string, TargetAttributes[string]> = { ...desired.attributes };
  for (const path of masked) {
    const value = attributes[path];
    if (value === undefined || typeof value === 'object') continue;
    // Connections that mask values are refused without a key, long before this.
    if (seal === undefined) throw new Error('A masked value cannot be sealed without PROVISOR_KEY.');
    attributes[path] = await seal(String(value));
  }
  return { ...desired, attributes };
}
