import { durationMs, parsePath, type Document, type SpConnection } from '@provisor/contracts';
import { jsonPointer } from '@provisor/host';
import { compileConnection, ConfigurationProblem } from '@provisor/provisioning';
import type { ProblemError } from '../http/problem.js';

/** Largest document in bytes of JSON: with its envelope it has to fit into one record. */
const MAX_DOCUMENT_BYTES = 900_000;

/** Escapes of what PostgreSQL's jsonb refuses. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/;

/** What a check may know of the other documents, those of the same request included. */
export interface Surroundings {
  readonly dataStores: ReadonlySet<string>;
}

/** What is wrong with a document that fits its schema; pointers are relative to the document. */
export function checkDocument(document: Document, around: Surroundings): ProblemError[] {
  const json = JSON.stringify(document);
  if (UNSTORABLE.test(json)) return [{ pointer: '', detail: 'The document holds U+0000 or half a surrogate pair.' }];
  const size = Buffer.byteLength(json);
  if (size > MAX_DOCUMENT_BYTES)
    return [
      { pointer: '', detail: `The document has ${size} bytes; at most ${MAX_DOCUMENT_BYTES} fit into a record.` },
    ];
  return document.kind === 'SpConnection' ? checkConnection(document, around) : [];
}

function checkConnection(connection: SpConnection, around: Surroundings): ProblemError[] {
  return [
    ...channelNames(connection),
    ...dataStoreReferences(connection, around),
    ...retryTimes(connection),
    ...compilation(connection),
  ];
}

function channelNames({ spec }: SpConnection): ProblemError[] {
  const names = spec.channels.map(({ name }) => name);
  return names.flatMap((name, index) =>
    names.indexOf(name) === index
      ? []
      : [{ pointer: jsonPointer(['spec', 'channels', index, 'name']), detail: `There is another channel "${name}".` }],
  );
}

function dataStoreReferences({ spec }: SpConnection, { dataStores }: Surroundings): ProblemError[] {
  return spec.channels.flatMap(({ dataStore }, index) =>
    dataStores.has(dataStore)
      ? []
      : [
          {
            pointer: jsonPointer(['spec', 'channels', index, 'dataStore']),
            detail: `There is no data store "${dataStore}".`,
            expected: dataStores.size === 0 ? 'a DataStore document' : [...dataStores].toSorted().join(', '),
          },
        ],
  );
}

function retryTimes({ spec }: SpConnection): ProblemError[] {
  const { initial, max } = spec.policy.retry;
  if (durationMs(initial) <= durationMs(max)) return [];
  return [
    {
      pointer: '/spec/policy/retry/max',
      detail: `The longest pause (${max}) is shorter than the first one (${initial}).`,
    },
  ];
}

function compilation(connection: SpConnection): ProblemError[] {
  try {
    compileConnection(connection, 1);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationProblem)) throw error;
    return error.faults.map(({ path, message, expected }) => ({
      pointer: jsonPointer(parsePath(path)),
      detail: message,
      expected,
    }));
  }
}
