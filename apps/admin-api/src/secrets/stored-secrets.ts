import { documentKey } from '@provisor/contracts';
import type { AuditStore, ConfigurationStore, Database, SecretStore, StoredSecret } from '@provisor/persistence';
import type { ConfigurationChanges } from '../documents/apply-documents.js';
import type { Vault } from '../documents/seal-secrets.js';
import type { Caller } from '../http/endpoint.js';
import { conflict, notFound } from '../http/problem.js';

export interface StoredSecretsDependencies {
  readonly database: Database;
  readonly secrets: SecretStore;
  readonly configuration: ConfigurationStore;
  readonly changes: ConfigurationChanges;
  readonly audit: AuditStore;
  readonly vault: Vault | undefined;
  readonly now: () => Date;
  /** Called after a commit that left records in the outbox. */
  readonly committed: () => void;
}

/** Secrets that documents refer to by name. They go in and are never read back. */
export class StoredSecrets {
  readonly #deps: StoredSecretsDependencies;

  constructor(dependencies: StoredSecretsDependencies) {
    this.#deps = dependencies;
  }

  list(): Promise<StoredSecret[]> {
    return this.#deps.secrets.list();
  }

  /** Stores a secret and publishes the documents that refer to it; answers their number. */
  async put(name: string, value: string, caller: Caller): Promise<number> {
    const { database, vault, secrets, changes, configuration, now, committed } = this.#deps;
    if (!vault)
      throw conflict(
        'This installation has no key to encrypt secrets: set PROVISOR_KEY (32 random bytes in base64url).',
      );
    const sealed = await vault.seal(value);
    const documents = await database.transaction(async (tx) => {
      await configuration.takeTurn(tx);
      await secrets.put(tx, { name, sealed, updatedAt: now(), updatedBy: caller.actor });
      await this.#record(tx, 'secret.put', name, caller);
      return changes.republishUsers(tx, name, caller);
    });
    committed();
    return documents;
  }

  async remove(name: string, caller: Caller): Promise<void> {
    const { database, secrets, configuration } = this.#deps;
    await database.transaction(async (tx) => {
      await configuration.takeTurn(tx);
      const users = await configuration.usersOfSecret(tx, name);
      if (users.length > 0) throw conflict(`The secret is in use by ${users.map(keyOf).join(', ')}.`);
      if (!(await secrets.remove(tx, name))) throw notFound(`There is no secret "${name}".`);
      await this.#record(tx, 'secret.deleted', name, caller);
    });
  }

  async #record(tx: Parameters<AuditStore['append']>[0], action: string, name: string, caller: Caller): Promise<void> {
    const { actor, requestId } = caller;
    await this.#deps.audit.append(tx, { at: this.#deps.now(), actor, action, subject: `Secret/${name}`, requestId });
  }
}

const keyOf = ({ document }: { document: { kind: 'DataStore' | 'SpConnection'; metadata: { name: string } } }) =>
  documentKey(document.kind, document.metadata.name);
