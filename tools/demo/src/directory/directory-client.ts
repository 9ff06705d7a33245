import { Attribute, Change, Client, type Entry } from 'ldapts';
import type { Attributes } from '../organisation/ldif.js';
import { GROUPS_DN, PEOPLE_DN } from '../organisation/organisation.js';

export interface DirectoryPerson {
  readonly dn: string;
  readonly entryUuid: string;
  readonly uid: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly displayName: string;
  readonly mail: string;
  readonly title: string;
  readonly department: string;
  readonly external: boolean;
  readonly enabled: boolean;
  readonly managerDn: string | undefined;
}

export interface DirectoryGroup {
  readonly dn: string;
  readonly entryUuid: string;
  readonly cn: string;
  readonly memberDns: readonly string[];
}

/** The directory over LDAP, as any administrator would use it. */
export class DirectoryClient {
  readonly #client: Client;

  private constructor(client: Client) {
    this.#client = client;
  }

  static async connect(o: { url: string; bindDn: string; password: string }): Promise<DirectoryClient> {
    const client = new Client({ url: o.url, timeout: 60_000 });
    await client.bind(o.bindDn, o.password);
    return new DirectoryClient(client);
  }

  async people(): Promise<DirectoryPerson[]> {
    const entries = await this.#search(PEOPLE_DN, '(objectClass=inetOrgPerson)', ['*', 'entryUUID']);
    return entries.map((entry) => ({
      dn: entry.dn,
      entryUuid: first(entry, 'entryUUID'),
      uid: first(entry, 'uid'),
      givenName: first(entry, 'givenName'),
      familyName: first(entry, 'sn'),
      displayName: first(entry, 'displayName'),
      mail: first(entry, 'mail'),
      title: first(entry, 'title'),
      department: first(entry, 'departmentNumber'),
      external: first(entry, 'employeeType') === 'external',
      enabled: first(entry, 'nsAccountLock') !== 'true',
      managerDn: values(entry, 'manager')[0],
    }));
  }

  async groups(): Promise<DirectoryGroup[]> {
    const entries = await this.#search(GROUPS_DN, '(objectClass=groupOfNames)', ['cn', 'member', 'entryUUID']);
    return entries.map((entry) => ({
      dn: entry.dn,
      entryUuid: first(entry, 'entryUUID'),
      cn: first(entry, 'cn'),
      memberDns: values(entry, 'member'),
    }));
  }

  /** The id that the directory gave to an entry. */
  async entryUuid(dn: string): Promise<string> {
    const { searchEntries } = await this.#client.search(dn, { scope: 'base', attributes: ['entryUUID'] });
    return searchEntries.map((entry) => first(entry, 'entryUUID'))[0] ?? '';
  }

  replace(dn: string, attribute: string, ...newValues: string[]): Promise<void> {
    return this.#modify(dn, 'replace', attribute, newValues);
  }

  /** Replaces several attributes in one operation; an empty list clears one. */
  replaceAll(dn: string, attributes: Readonly<Record<string, readonly string[]>>): Promise<void> {
    return this.#client.modify(
      dn,
      Object.entries(attributes).map(([type, newValues]) => change('replace', type, [...newValues])),
    );
  }

  addValue(dn: string, attribute: string, value: string): Promise<void> {
    return this.#modify(dn, 'add', attribute, [value]);
  }

  removeValue(dn: string, attribute: string, value: string): Promise<void> {
    return this.#modify(dn, 'delete', attribute, [value]);
  }

  async disable(dn: string): Promise<void> {
    await this.#client.modify(dn, [
      change('add', 'objectClass', ['nsAccount']),
      change('replace', 'nsAccountLock', ['true']),
    ]);
  }

  /** New name and, where it lies elsewhere, new place in one operation. */
  rename(dn: string, newDn: string): Promise<void> {
    return this.#client.modifyDN(dn, newDn);
  }

  delete(dn: string): Promise<void> {
    return this.#client.del(dn);
  }

  add(dn: string, attributes: Attributes): Promise<void> {
    return this.#client.add(
      dn,
      Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, [value].flat()])),
    );
  }

  close(): Promise<void> {
    return this.#client.unbind();
  }

  async #modify(dn: string, operation: Operation, attribute: string, newValues: string[]): Promise<void> {
    await this.#client.modify(dn, [change(operation, attribute, newValues)]);
  }

  async #search(base: string, filter: string, attributes: string[]): Promise<Entry[]> {
    const { searchEntries } = await this.#client.search(base, {
      scope: 'sub',
      filter,
      attributes,
      paged: { pageSize: 500 },
    });
    return searchEntries;
  }
}

type Operation = 'add' | 'delete' | 'replace';

const change = (operation: Operation, type: string, newValues: string[]): Change =>
  new Change({ operation, modification: new Attribute({ type, values: newValues }) });

const values = (entry: Entry, name: string): string[] => [entry[name] ?? []].flat().map(String);
const first = (entry: Entry, name: string): string => values(entry, name)[0] ?? '';
