import { createHash } from 'node:crypto';

export const HASH_BYTES = 32;

/** What is remembered of an account that a listing has shown: SHA-256 of its target id. */
export const accountHash = (targetId: string): Buffer => createHash('sha256').update(targetId).digest();

/** A sorted set of hashes in one block of memory: 32 bytes for each account, whatever its id is. */
export class AccountHashes {
  readonly #sorted: Buffer;

  /** `blocks` hold hashes one after the other, in any order and repeated or not. */
  constructor(blocks: readonly Buffer[]) {
    const all = Buffer.concat(blocks);
    if (all.byteLength % HASH_BYTES !== 0) throw new RangeError('A block of hashes is cut off.');
    const hashes = Array.from({ length: all.byteLength / HASH_BYTES }, (_, at) =>
      all.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES),
    );
    hashes.sort((a, b) => a.compare(b));
    this.#sorted = Buffer.concat(hashes);
  }

  get size(): number {
    return this.#sorted.byteLength / HASH_BYTES;
  }

  has(targetId: string): boolean {
    const wanted = accountHash(targetId);
    let low = 0;
    let high = this.size - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const order = this.#sorted.compare(wanted, 0, HASH_BYTES, middle * HASH_BYTES, (middle + 1) * HASH_BYTES);
      if (order === 0) return true;
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
    return false;
  }
}
