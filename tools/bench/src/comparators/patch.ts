import { Pool } from 'undici';
import { mark } from '../target/mark.js';

/** One update, as all comparators send it. */
export class Patcher {
  readonly #pool: Pool;
  readonly #path: string;
  readonly #token: string;

  constructor(o: { readonly baseUrl: string; readonly token: string; readonly connections: number }) {
    const url = new URL(o.baseUrl);
    this.#pool = new Pool(url.origin, { connections: o.connections });
    this.#path = url.pathname;
    this.#token = o.token;
  }

  async patch(id: string, number: number): Promise<void> {
    const { body } = await this.#pool.request({
      method: 'PATCH',
      path: `${this.#path}/Users/${id}`,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/scim+json' },
      body: JSON.stringify({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'replace', path: 'title', value: mark(number) }],
      }),
    });
    await body.dump();
  }
}
