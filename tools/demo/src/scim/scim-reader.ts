/** What the service provider shows of one user. */
export interface ScimUser {
  readonly id: string;
  readonly externalId?: string;
  readonly userName: string;
  readonly displayName?: string;
  readonly active?: boolean;
  readonly title?: string;
  readonly name?: { readonly givenName?: string; readonly familyName?: string };
  readonly emails?: readonly { readonly value: string; readonly type?: string }[];
  readonly [ENTERPRISE]?: { readonly department?: string; readonly manager?: { readonly value?: string } };
}

export interface ScimGroup {
  readonly id: string;
  readonly externalId?: string;
  readonly displayName: string;
  readonly members?: readonly { readonly value: string }[];
}

export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

interface Page<T> {
  readonly totalResults: number;
  readonly Resources?: readonly T[];
}

const PAGE = 100;

/**
 * Reads a SCIM service provider (RFC 7644) with nothing of Provisor's own: what it shows is what the demo believes.
 */
export class ScimReader {
  readonly #baseUrl: string;
  readonly #token: string;

  constructor(baseUrl: string, token: string) {
    this.#baseUrl = baseUrl;
    this.#token = token;
  }

  users(): Promise<ScimUser[]> {
    return this.#all<ScimUser>('Users');
  }

  groups(): Promise<ScimGroup[]> {
    return this.#all<ScimGroup>('Groups');
  }

  async count(kind: 'Users' | 'Groups'): Promise<number> {
    return (await this.#page(kind, 1, 1)).totalResults;
  }

  /** Undefined where there is none. */
  user(id: string): Promise<ScimUser | undefined> {
    return this.#get<ScimUser>(`/Users/${encodeURIComponent(id)}`);
  }

  group(id: string): Promise<ScimGroup | undefined> {
    return this.#get<ScimGroup>(`/Groups/${encodeURIComponent(id)}`);
  }

  async userNamed(userName: string): Promise<ScimUser | undefined> {
    const filter = encodeURIComponent(`userName eq ${JSON.stringify(userName)}`);
    return (await this.#get<Page<ScimUser>>(`/Users?filter=${filter}`))?.Resources?.[0];
  }

  async #all<T>(kind: 'Users' | 'Groups'): Promise<T[]> {
    const all: T[] = [];
    for (;;) {
      const page = (await this.#page(kind, all.length + 1, PAGE)) as Page<T>;
      const rows = page.Resources ?? [];
      all.push(...rows);
      if (rows.length === 0 || all.length >= page.totalResults) return all;
    }
  }

  async #page(kind: string, startIndex: number, count: number): Promise<Page<unknown>> {
    const page = await this.#get<Page<unknown>>(`/${kind}?startIndex=${startIndex}&count=${count}`);
    if (page === undefined) throw new Error(`The service provider has no ${kind}.`);
    return page;
  }

  async #get<T>(path: string): Promise<T | undefined> {
    const response = await fetch(`${this.#baseUrl}${path}`, {
      headers: { authorization: `Bearer ${this.#token}`, accept: 'application/scim+json' },
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    if (response.status === 404) return undefined;
    if (!response.ok)
      throw new Error(`The service provider answers ${response.status} to GET ${path}: ${text.slice(0, 200)}`);
    return JSON.parse(text) as T;
  }
}
