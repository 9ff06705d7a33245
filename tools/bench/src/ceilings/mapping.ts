import {
  decodeRecord,
  identityChanges,
  MAX_RECORD_BYTES,
  readConfiguration,
  type Document,
  type IdentityChange,
} from '@provisor/contracts';
import { compileConnection, evaluate } from '@provisor/provisioning';
import { DATA_STORE, spConnectionDocument } from '../workload/documents.js';
import { people } from '../workload/people.js';

/** C5: decoding, validating and mapping of one identity change with twenty attributes, in microseconds. */
export function mappingCeiling(seconds: number): number {
  const { documents } = readConfiguration(spConnectionDocument({ name: 'c5', baseUrl: 'https://scim.example/v2' }));
  const connection = compileConnection(spConnectionOf(documents), 1);
  const records = people(500, 'c5').map((person) => {
    const change: IdentityChange = {
      dataStore: DATA_STORE,
      objectId: person.objectId,
      objectType: 'user',
      sequence: 1,
      state: 'present',
      enabled: true,
      dn: person.dn,
      attributes: Object.fromEntries(Object.entries(person.attributes).map(([name, value]) => [name, [value]])),
      memberOf: [],
      occurredAt: '2026-01-01T00:00:00Z',
      capturedAt: '2026-01-01T00:00:00Z',
    };
    return Buffer.from(JSON.stringify(change));
  });
  const headers = { 'content-type': 'application/json' };
  let mapped = 0;
  const began = performance.now();
  while (performance.now() - began < seconds * 1000)
    for (const value of records) {
      const decoded = decodeRecord(identityChanges, { key: 'k', value, headers }, MAX_RECORD_BYTES);
      if (!decoded.ok || decoded.value === null) throw new Error('The change does not fit its schema.');
      if (evaluate(decoded.value, connection, () => undefined).kind !== 'in-scope') throw new Error('Out of scope.');
      mapped += 1;
    }
  return ((performance.now() - began) / mapped) * 1000;
}

function spConnectionOf(documents: readonly Document[]): Extract<Document, { kind: 'SpConnection' }> {
  const found = documents.find((document) => document.kind === 'SpConnection');
  if (found === undefined) throw new Error('There is no SP connection in the document.');
  return found;
}
