import { createHash, timingSafeEqual } from 'node:crypto';

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Compares a presented token with the right one in a time that says nothing about either. */
export class BearerToken {
  readonly #digest: Buffer;

  constructor(token: string) {
    this.#digest = digest(token);
  }

  /** `header` is the value of Authorization (RFC 6750 §2.1). */
  accepts(header: string | undefined): boolean {
    const presented = /^Bearer +([\w.~+/=-]+) *$/i.exec(header ?? '')?.[1];
    return presented !== undefined && timingSafeEqual(digest(presented), this.#digest);
  }
}
