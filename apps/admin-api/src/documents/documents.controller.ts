import { Controller, Inject, Res } from '@nestjs/common';
import { documentKey, type DocumentKind } from '@provisor/contracts';
import { ConfigurationStore, type DocumentVersion, type StoredDocument } from '@provisor/persistence';
import type { FastifyReply } from 'fastify';
import type { EndpointInput } from '../http/endpoint.js';
import { invalidContent, notFound } from '../http/problem.js';
import { Input, Route } from '../http/route.decorator.js';
import { ConfigurationChanges } from './apply-documents.js';
import * as endpoints from './documents.endpoints.js';

@Controller()
export class DocumentsController {
  readonly #changes: ConfigurationChanges;
  readonly #configuration: ConfigurationStore;

  constructor(
    @Inject(ConfigurationChanges) changes: ConfigurationChanges,
    @Inject(ConfigurationStore) configuration: ConfigurationStore,
  ) {
    this.#changes = changes;
    this.#configuration = configuration;
  }

  @Route(endpoints.applyDocuments)
  applyDocuments(@Input(endpoints.applyDocuments) input: EndpointInput<typeof endpoints.applyDocuments>) {
    return this.#apply(input);
  }

  @Route(endpoints.postDocuments)
  postDocuments(@Input(endpoints.postDocuments) input: EndpointInput<typeof endpoints.postDocuments>) {
    return this.#apply(input);
  }

  @Route(endpoints.listDocuments)
  async listDocuments(@Input(endpoints.listDocuments) { query }: EndpointInput<typeof endpoints.listDocuments>) {
    const documents = await this.#configuration.list(query.kind);
    return { documents: documents.map(toRecord) };
  }

  @Route(endpoints.getDocument)
  async getDocument(
    @Input(endpoints.getDocument) { params }: EndpointInput<typeof endpoints.getDocument>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const stored = await this.#configuration.find(params.kind, params.name);
    if (!stored) throw missing(params);
    reply.header('etag', etag(stored.version));
    return toRecord(stored);
  }

  @Route(endpoints.putDocument)
  async putDocument(
    @Input(endpoints.putDocument)
    { params, query, body, condition, caller }: EndpointInput<typeof endpoints.putDocument>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    assertNamedAsIn(params, body.kind, body.metadata.name);
    const dryRun = query.dryRun === 'true';
    const [report] = await this.#changes.apply({ documents: [body], dryRun, caller, condition, pointerTo: () => [] });
    if (report?.version !== undefined) reply.header('etag', etag(report.version));
    return report;
  }

  @Route(endpoints.deleteDocument)
  deleteDocument(
    @Input(endpoints.deleteDocument)
    { params, query, condition, caller }: EndpointInput<typeof endpoints.deleteDocument>,
  ) {
    return this.#changes.remove({ ...params, dryRun: query.dryRun === 'true', condition, caller });
  }

  @Route(endpoints.listDocumentVersions)
  async listDocumentVersions(
    @Input(endpoints.listDocumentVersions)
    { params, query }: EndpointInput<typeof endpoints.listDocumentVersions>,
  ) {
    const versions = await this.#configuration.versions(params.kind, params.name, query.limit);
    if (versions.length === 0) throw missing(params);
    return { versions: versions.map(toVersion) };
  }

  @Route(endpoints.getDocumentVersion)
  async getDocumentVersion(
    @Input(endpoints.getDocumentVersion) { params }: EndpointInput<typeof endpoints.getDocumentVersion>,
  ) {
    const version = await this.#configuration.findVersion(params.kind, params.name, params.version);
    if (!version) throw notFound(`${documentKey(params.kind, params.name)} has no version ${params.version}.`);
    return toVersion(version);
  }

  async #apply(input: Pick<EndpointInput<typeof endpoints.applyDocuments>, 'body' | 'query' | 'caller'>) {
    const dryRun = input.query.dryRun === 'true';
    const { documents } = input.body;
    const pointerTo = (index: number) => ['documents', index];
    return { dryRun, changes: await this.#changes.apply({ documents, dryRun, caller: input.caller, pointerTo }) };
  }
}

const etag = (version: number) => `"${version}"`;

const missing = ({ kind, name }: { kind: DocumentKind; name: string }) => notFound(`There is no ${kind} "${name}".`);

const toRecord = (stored: StoredDocument) => ({ ...stored, appliedAt: stored.appliedAt.toISOString() });
const toVersion = (version: DocumentVersion) => ({ ...version, appliedAt: version.appliedAt.toISOString() });

function assertNamedAsIn(params: { kind: DocumentKind; name: string }, kind: DocumentKind, name: string): void {
  if (kind !== params.kind)
    throw invalidContent([{ pointer: '/kind', detail: `The path says ${params.kind}.`, expected: params.kind }]);
  if (name !== params.name)
    throw invalidContent([
      { pointer: '/metadata/name', detail: `The path says "${params.name}".`, expected: params.name },
    ]);
}
