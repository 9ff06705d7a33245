import { Problem } from '../../bootstrap/problem.mjs';

/** The admin API over HTTP, as curl would use it. */
export class AdminApi {
  #url;
  /** Sent once it is set. */
  token;

  constructor(url) {
    this.#url = url;
  }

  get(path) {
    return this.#request('GET', path);
  }

  async put(path, body) {
    const answer = await this.#request('PUT', path, body);
    if (answer.status !== 200)
      throw new Problem(
        `PUT ${path} answers ${answer.status}.`,
        'Its answer stands above.',
        JSON.stringify(answer.body),
      );
    return answer;
  }

  async #request(method, path, body) {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: {
        ...(this.token !== undefined && { authorization: `Bearer ${this.token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    return { status: response.status, body: await response.json() };
  }
}
