import { documentKey, type ConfigurationRecord, type Document, type DocumentKind } from '@provisor/contracts';
import { jsonPointer } from '@provisor/host';
import type {
  AuditStore,
  ConfigurationStore,
  Database,
  DocumentChange,
  Outbox,
  SecretStore,
  StoredDocument,
  Transaction,
} from '@provisor/persistence';
import type { Caller, Precondition } from '../http/endpoint.js';
import { conflict, invalidContent, notFound, preconditionFailed, type ProblemError } from '../http/problem.js';
import { checkDocument } from './check-document.js';
import { publication, tombstone } from './configuration-publication.js';
import { documentDifferences, sameValue, type Difference } from './document-differences.js';
import {
  publishable,
  SecretMistake,
  sealValues,
  storedSecretsOf,
  withoutCiphertexts,
  type Vault,
} from './seal-secrets.js';

/** What applying one document did, or would do. */
export interface ChangeReport {
  readonly kind: DocumentKind;
  readonly name: string;
  readonly change: DocumentChange | 'unchanged';
  readonly version?: number;
  readonly previousVersion?: number;
  readonly differences: readonly Difference[];
}

export interface ApplyRequest {
  readonly documents: readonly Document[];
  readonly dryRun: boolean;
  readonly caller: Caller;
  /** For a request about exactly one document. */
  readonly condition?: Precondition;
  /** Where the documents stand in the request, for the pointers of problems: `['documents', 0]`, or `[]`. */
  readonly pointerTo: (index: number) => readonly (string | number)[];
}

export interface RemoveRequest {
  readonly kind: DocumentKind;
  readonly name: string;
  readonly dryRun: boolean;
  readonly caller: Caller;
  readonly condition: Precondition;
}

export interface ApplyDependencies {
  readonly database: Database;
  readonly configuration: ConfigurationStore;
  readonly secrets: SecretStore;
  readonly audit: AuditStore;
  readonly outbox: Outbox;
  readonly vault: Vault | undefined;
  readonly now: () => Date;
  /** Called after a commit that left records in the outbox. */
  readonly committed: () => void;
}

/** A document of a request beside what is stored under its name. */
interface Candidate {
  readonly document: Document;
  readonly stored: StoredDocument | undefined;
}

/**
 * Changes the configuration: each request in one transaction with its versions, the records that publish them and the audit
 * entries. Requests take turns, so that versions reach the topic in the order in which they were given.
 */
export class ConfigurationChanges {
  readonly #deps: ApplyDependencies;

  constructor(dependencies: ApplyDependencies) {
    this.#deps = dependencies;
  }

  /** Applies all documents or none. Throws a problem that names every mistake of every document. */
  async apply(request: ApplyRequest): Promise<ChangeReport[]> {
    const { database, configuration, committed } = this.#deps;
    assertDistinct(request);
    const reports = await database.transaction(async (tx) => {
      await configuration.takeTurn(tx);
      const stored = byKey(await configuration.all(tx));
      const sealed = await this.#deps.secrets.sealed(tx);
      const candidates = await this.#seal(request, stored, sealed);
      assertCondition(request.condition, candidates[0]?.stored);
      const changed: ChangeReport[] = [];
      for (const candidate of candidates) changed.push(await this.#applyOne(tx, candidate, request, sealed));
      return changed;
    });
    if (!request.dryRun && reports.some(({ change }) => change !== 'unchanged')) committed();
    return reports;
  }

  async remove(request: RemoveRequest): Promise<ChangeReport> {
    const { database, configuration, committed } = this.#deps;
    const report = await database.transaction(async (tx) => {
      await configuration.takeTurn(tx);
      const all = await configuration.all(tx);
      const stored = byKey(all).get(documentKey(request.kind, request.name));
      if (!stored) throw notFound(`There is no ${request.kind} "${request.name}".`);
      assertCondition(request.condition, stored);
      assertUnused(stored.document, all);
      return this.#removeOne(tx, stored, request);
    });
    if (!request.dryRun) committed();
    return report;
  }

  /**
   * Gives every document that refers to a stored secret a new version, because what is published holds the secret's ciphertext.
   * In the caller's transaction, after the secret was written; answers how many documents there are.
   */
  async republishUsers(tx: Transaction, secret: string, caller: Caller): Promise<number> {
    await this.#deps.configuration.takeTurn(tx);
    const sealed = await this.#deps.secrets.sealed(tx);
    const users = await this.#deps.configuration.usersOfSecret(tx, secret);
    for (const { document } of users) await this.#write(tx, { document, change: 'updated', caller, sealed });
    return users.length;
  }

  async #seal(
    request: ApplyRequest,
    stored: ReadonlyMap<string, StoredDocument>,
    sealed: ReadonlyMap<string, string>,
  ): Promise<Candidate[]> {
    const dataStores = new Set(
      [...[...stored.values()].map(({ document }) => document), ...request.documents]
        .filter(({ kind }) => kind === 'DataStore')
        .map(({ metadata }) => metadata.name),
    );
    const errors: ProblemError[] = [];
    const candidates: Candidate[] = [];
    for (const [index, given] of request.documents.entries()) {
      const base = request.pointerTo(index);
      const known = stored.get(keyOf(given));
      try {
        const document = await sealValues(given, known?.document, this.#deps.vault);
        await publishable(document, sealed);
        candidates.push({ document, stored: known });
        errors.push(...checkDocument(document, { dataStores }).map((error) => below(base, error)));
      } catch (error) {
        if (!(error instanceof SecretMistake)) throw error;
        errors.push({ pointer: jsonPointer([...base, ...error.path]), detail: error.message });
      }
    }
    if (errors.length > 0) throw invalidContent(errors);
    return candidates;
  }

  async #applyOne(
    tx: Transaction,
    { document, stored }: Candidate,
    { dryRun, caller }: ApplyRequest,
    sealed: ReadonlyMap<string, string>,
  ): Promise<ChangeReport> {
    const identity = { kind: document.kind, name: document.metadata.name };
    if (stored && sameValue(stored.document, document))
      return {
        ...identity,
        change: 'unchanged',
        version: stored.version,
        previousVersion: stored.version,
        differences: [],
      };
    const change = stored ? 'updated' : 'created';
    const version = dryRun ? undefined : await this.#write(tx, { document, change, caller, sealed });
    return {
      ...identity,
      change,
      ...(version === undefined ? {} : { version }),
      ...(stored ? { previousVersion: stored.version } : {}),
      differences: documentDifferences(
        stored && (await withoutCiphertexts(stored.document)),
        await withoutCiphertexts(document),
      ),
    };
  }

  async #removeOne(tx: Transaction, stored: StoredDocument, request: RemoveRequest): Promise<ChangeReport> {
    const { kind, name, caller, dryRun } = request;
    const report = { kind, name, change: 'deleted' as const, previousVersion: stored.version, differences: [] };
    if (dryRun) return report;
    const at = this.#deps.now();
    const write = { kind, name, change: 'deleted', document: null, secrets: [], at, by: caller.actor } as const;
    const version = await this.#deps.configuration.write(tx, { ...write, requestId: caller.requestId });
    await this.#deps.outbox.append(tx, [tombstone(documentKey(kind, name), version, at)]);
    await this.#audit(tx, 'document.deleted', documentKey(kind, name), caller, { version });
    return { ...report, version };
  }

  /** Stores a version and the record that publishes it; answers the version. */
  async #write(
    tx: Transaction,
    o: { document: Document; change: DocumentChange; caller: Caller; sealed: ReadonlyMap<string, string> },
  ): Promise<number> {
    const { document, change, caller } = o;
    const { kind, metadata } = document;
    const at = this.#deps.now();
    const secrets = [...new Set((await storedSecretsOf(document)).map(({ name }) => name))];
    const version = await this.#deps.configuration.write(tx, {
      kind,
      name: metadata.name,
      change,
      document,
      secrets,
      at,
      by: caller.actor,
      requestId: caller.requestId,
    });
    const record: ConfigurationRecord = {
      version,
      document: await publishable(document, o.sealed),
      appliedAt: at.toISOString(),
      appliedBy: caller.actor,
    };
    await this.#deps.outbox.append(tx, [publication(record, at)]);
    await this.#audit(tx, `document.${change}`, documentKey(kind, metadata.name), caller, { version });
    return version;
  }

  async #audit(tx: Transaction, action: string, subject: string, caller: Caller, details: Record<string, unknown>) {
    const { actor, requestId } = caller;
    await this.#deps.audit.append(tx, { at: this.#deps.now(), actor, action, subject, requestId, details });
  }
}

const keyOf = (document: Document) => documentKey(document.kind, document.metadata.name);
const byKey = (documents: readonly StoredDocument[]) =>
  new Map(documents.map((stored) => [keyOf(stored.document), stored]));

function below(base: readonly (string | number)[], error: ProblemError): ProblemError {
  return { ...error, pointer: `${jsonPointer(base)}${error.pointer ?? ''}` };
}

function assertDistinct({ documents, pointerTo }: ApplyRequest): void {
  const keys = documents.map(keyOf);
  const errors = keys.flatMap((key, index): ProblemError[] =>
    keys.indexOf(key) === index
      ? []
      : [
          {
            pointer: jsonPointer([...pointerTo(index), 'metadata', 'name']),
            detail: `The request holds ${key} twice.`,
          },
        ],
  );
  if (errors.length > 0) throw invalidContent(errors);
}

function assertCondition(condition: Precondition | undefined, stored: StoredDocument | undefined): void {
  if (condition === undefined || condition.kind === 'none') return;
  if (condition.kind === 'absent') {
    if (stored) throw preconditionFailed(`The document exists already, with version ${stored.version}.`);
    return;
  }
  if (stored && condition.versions.includes(String(stored.version))) return;
  throw preconditionFailed(
    stored ? `The document has version ${stored.version} by now.` : 'The document does not exist any more.',
  );
}

function assertUnused(document: Document, all: readonly StoredDocument[]): void {
  if (document.kind !== 'DataStore') return;
  const users = all.flatMap(({ document: other }) =>
    other.kind === 'SpConnection' && other.spec.channels.some(({ dataStore }) => dataStore === document.metadata.name)
      ? [other.metadata.name]
      : [],
  );
  if (users.length === 0) return;
  throw conflict(
    `Data store "${document.metadata.name}" is named by SP connection ${users.join(', ')}; change or remove that first.`,
  );
}
