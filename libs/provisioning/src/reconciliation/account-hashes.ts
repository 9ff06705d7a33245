import { createHash } from 'node:crypto';

/** With a million accounts listed, one that is missing passes for one of them once in 10^13 times. */
export const HASH_BYTES = 8;

/** What is remembered of an account that a listing has shown: the first bytes of SHA-256 of its target id, or of a match key. */
export const accountHash = (text: string): Buffer => createHash('sha256').update(text).digest().subarray(0, HASH_BYTES);

/** A sorted set of hashes in one block of memory: 8 bytes for each account, whatever its id is. */
export class AccountHashes {
  readonly #sorted: BigUint64Array;

  /** `blocks` hold hashes one after the other, in any order and repeated or not. */
  constructor(blocks: readonly Buffer[]) {
    const bytes = blocks.reduce((sum, block) => sum + block.byteLength, 0);
    if (bytes % HASH_BYTES !== 0) throw new RangeError('A block of hashes is cut off.');
    this.#sorted = new BigUint64Array(bytes / HASH_BYTES);
    const all = new Uint8Array(this.#sorted.buffer);
    let at = 0;
    for (const block of blocks) {
      all.set(block, at);
      at += block.byteLength;
    }
    this.#sorted.sort();
  }

  get size(): number {
    return this.#sorted.length;
  }

  has(text: string): boolean {
    const [wanted = 0n] = new BigUint64Array(Uint8Array.from(accountHash(text)).buffer);
    let low = 0;
    let high = this.size - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.#sorted[middle] ?? 0n;
      if (found === wanted) return true;
      if (found < wanted) low = middle + 1;
      else high = middle - 1;
    }
    return false;
  }
}
