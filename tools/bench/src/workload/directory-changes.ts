import type { EmbeddedDirectory } from '@provisor/embedded';
import { Attribute, Change, Client } from 'ldapts';

/**
 * Changes of people over several LDAP connections. Changes of one person go over one connection, so that the directory sees them in the
 * order in which they were made.
 */
export class DirectoryChanges {
  readonly #clients: readonly Client[];

  private constructor(clients: readonly Client[]) {
    this.#clients = clients;
  }

  static async connect({ url, bindDn, password }: EmbeddedDirectory, connections = 8): Promise<DirectoryChanges> {
    const clients = Array.from({ length: connections }, () => new Client({ url, timeout: 120_000 }));
    await Promise.all(clients.map((client) => client.bind(bindDn, password)));
    return new DirectoryChanges(clients);
  }

  /** Replaces attributes; resolves with the directory's acknowledgement. */
  async replace(person: number, dn: string, attributes: Readonly<Record<string, string>>): Promise<void> {
    const changes = Object.entries(attributes).map(
      ([type, value]) => new Change({ operation: 'replace', modification: new Attribute({ type, values: [value] }) }),
    );
    await this.#clients[person % this.#clients.length]?.modify(dn, changes);
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.unbind()));
  }
}
