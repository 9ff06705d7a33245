import { DOCUMENT_KINDS, document, values } from '@provisor/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint.js';
import { named } from '../openapi/schema-names.js';

const MAX_DOCUMENTS = 1000;

const kind = z.enum(DOCUMENT_KINDS);
const identity = z.object({ kind, name: values.name.describe('Name of the document') });
const instant = z.iso.datetime();
const version = z.int().positive();

const dryRun = z.object({
  dryRun: z.enum(['true', 'false']).default('false').describe('Check and compare only, change nothing'),
});

export const documentRecord = named(
  'DocumentRecord',
  z.object({
    version: version.describe('Strictly increasing over all documents; also the ETag'),
    document,
    appliedAt: instant,
    appliedBy: z.string(),
  }),
);

const difference = named(
  'DocumentDifference',
  z.object({
    pointer: z.string().describe('JSON pointer into the document; things in lists stand by name'),
    before: z.unknown().optional().describe('Absent where there was nothing'),
    after: z.unknown().optional().describe('Absent where there is nothing any more'),
  }),
);

const changeReport = named(
  'DocumentChange',
  z.object({
    kind,
    name: z.string(),
    change: z.enum(['created', 'updated', 'deleted', 'unchanged']),
    version: version
      .optional()
      .describe('The version that the document has now; absent in a dry run that would change it'),
    previousVersion: version.optional(),
    differences: z.array(difference).describe('Values of secrets are never shown'),
  }),
);

const applyReport = named(
  'ApplyReport',
  z.object({ dryRun: z.boolean(), changes: z.array(changeReport).describe('In the order of the request') }),
);

const versionRecord = named(
  'DocumentVersion',
  z.object({
    version,
    change: z.enum(['created', 'updated', 'deleted']),
    document: document.nullable().describe('Null where the version is the removal'),
    appliedAt: instant,
    appliedBy: z.string(),
  }),
);

const documentsBody = named(
  'DocumentList',
  z.object({ documents: z.array(document).min(1).max(MAX_DOCUMENTS).describe('Applied together or not at all') }),
);

const applyMany = {
  path: '/v1/documents',
  tag: 'documents',
  query: dryRun,
  body: documentsBody,
  answer: { status: 200, description: 'What was changed, or would be', schema: applyReport },
  problems: [409],
} as const;

export const applyDocuments = defineEndpoint({
  ...applyMany,
  id: 'applyDocuments',
  method: 'PUT',
  summary: 'Apply documents, all or none',
  description:
    'Documents that are not named stay as they are. A document that is stored as given already gets no new version.',
});

export const postDocuments = defineEndpoint({
  ...applyMany,
  id: 'postDocuments',
  method: 'POST',
  summary: 'The same as PUT, for clients that cannot PUT',
});

export const listDocuments = defineEndpoint({
  id: 'listDocuments',
  method: 'GET',
  path: '/v1/documents',
  tag: 'documents',
  summary: 'All documents, or those of one kind',
  query: z.object({ kind: kind.optional() }),
  answer: {
    status: 200,
    description: 'By kind and name',
    schema: named('DocumentRecords', z.object({ documents: z.array(documentRecord) })),
  },
});

export const getDocument = defineEndpoint({
  id: 'getDocument',
  method: 'GET',
  path: '/v1/documents/{kind}/{name}',
  tag: 'documents',
  summary: 'One document as it is stored',
  params: identity,
  answer: { status: 200, description: 'The document; its version is the ETag', schema: documentRecord },
  problems: [404],
});

export const putDocument = defineEndpoint({
  id: 'putDocument',
  method: 'PUT',
  path: '/v1/documents/{kind}/{name}',
  tag: 'documents',
  summary: 'Apply one document',
  params: identity,
  query: dryRun,
  body: document,
  conditional: true,
  answer: { status: 200, description: 'What was changed, or would be', schema: changeReport },
  problems: [409, 412],
});

export const deleteDocument = defineEndpoint({
  id: 'deleteDocument',
  method: 'DELETE',
  path: '/v1/documents/{kind}/{name}',
  tag: 'documents',
  summary: 'Remove one document',
  description:
    'Accounts at the service provider stay as they are. A data store that an SP connection names cannot be removed.',
  params: identity,
  query: dryRun,
  conditional: true,
  answer: { status: 200, description: 'What was removed, or would be', schema: changeReport },
  problems: [404, 409, 412],
});

export const listDocumentVersions = defineEndpoint({
  id: 'listDocumentVersions',
  method: 'GET',
  path: '/v1/documents/{kind}/{name}/versions',
  tag: 'documents',
  summary: 'The versions of one document, newest first',
  params: identity,
  query: z.object({ limit: z.coerce.number().int().min(1).max(500).default(50) }),
  answer: {
    status: 200,
    description: 'Versions, the removal among them',
    schema: named('DocumentVersions', z.object({ versions: z.array(versionRecord) })),
  },
  problems: [404],
});

export const getDocumentVersion = defineEndpoint({
  id: 'getDocumentVersion',
  method: 'GET',
  path: '/v1/documents/{kind}/{name}/versions/{version}',
  tag: 'documents',
  summary: 'One version of one document',
  params: identity.extend({ version: z.coerce.number().int().positive() }),
  answer: { status: 200, description: 'The version', schema: versionRecord },
  problems: [404],
});
