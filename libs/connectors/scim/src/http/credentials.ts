import type { SecretReference, TargetAuth } from '@provisor/contracts';
import type { HttpFailure } from './http-answer.js';

export type ResolveSecret = (reference: SecretReference) => Promise<string>;

/** The `Authorization` of one SP connection. The secret is read when it is first needed, and again when it is refused. */
export class Credentials {
  readonly #auth: TargetAuth;
  readonly #resolve: ResolveSecret;
  #value: string | undefined;
  #secret: string | undefined;

  constructor(auth: TargetAuth, resolve: ResolveSecret) {
    this.#auth = auth;
    this.#resolve = resolve;
  }

  /** Texts that no log, span or outcome may show. */
  get secrets(): readonly string[] {
    return this.#secret === undefined ? [] : [this.#secret];
  }

  /** The header's value, undefined where none is needed, or why there is none. */
  async header(): Promise<string | undefined | HttpFailure> {
    if (this.#auth.type === 'none') return undefined;
    if (this.#value !== undefined) return this.#value;
    try {
      return await this.#read();
    } catch (error) {
      const cause = error instanceof Error ? error.message : 'The secret cannot be read.';
      return { failure: 'auth.secret', cause, sent: false };
    }
  }

  /** Reads the secret again after a refusal. True if it has changed, so that one more try makes sense. */
  async renew(): Promise<boolean> {
    const refused = this.#value;
    this.#value = undefined;
    const header = await this.header();
    return typeof header === 'string' && header !== refused;
  }

  async #read(): Promise<string | undefined> {
    const auth = this.#auth;
    if (auth.type === 'none') return undefined;
    const secret = await this.#resolve(auth.type === 'bearer' ? auth.token : auth.password);
    // A mounted file often ends in a line break, which no header may carry.
    this.#secret = secret.trim();
    this.#value =
      auth.type === 'bearer'
        ? `${auth.scheme} ${this.#secret}`
        : `Basic ${Buffer.from(`${auth.username}:${this.#secret}`).toString('base64')}`;
    return this.#value;
  }
}
