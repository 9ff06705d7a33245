import { Transform, type TransformCallback } from 'node:stream';

/** `up` is from the client to the server. */
export type Direction = 'up' | 'down';

/** What is wrong with a network path. Everything given applies at once, to connections that are open already as well. */
export interface Toxics {
  /** Added to every piece, in milliseconds. */
  readonly latencyMs?: number;
  /** Up to so many milliseconds more or less, by chance. */
  readonly jitterMs?: number;
  readonly bytesPerSecond?: number;
  /** Pieces of at most so many bytes. */
  readonly sliceBytes?: number;
  /** Nothing comes through in this direction, and nobody is told; what was sent arrives when the path is whole again. */
  readonly silent?: Direction | 'both';
  /** A connection is reset as soon as it has carried so many bytes in one direction. */
  readonly limitBytes?: number;
  /** A connection is reset at so many milliseconds after the next piece that it carries. */
  readonly resetAfterMs?: number;
}

export interface ToxicPath {
  readonly toxics: Toxics;
  /** At least 0, below 1. */
  readonly chance: () => number;
  /** Resolves when the toxics are others. */
  readonly changed: Promise<void>;
}

/** One direction of one connection. */
export class ToxicStream extends Transform {
  readonly #direction: Direction;
  readonly #path: () => ToxicPath;
  readonly #reset: () => void;
  #carried = 0;
  #doomed = false;

  constructor(direction: Direction, path: () => ToxicPath, reset: () => void) {
    super();
    this.#direction = direction;
    this.#path = path;
    this.#reset = reset;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (isHarmless(this.#path().toxics)) return done(null, chunk);
    void this.#carry(chunk).then(
      () => done(),
      (error: Error) => done(error),
    );
  }

  async #carry(chunk: Buffer): Promise<void> {
    const size = this.#path().toxics.sliceBytes ?? chunk.length;
    for (let at = 0; at < chunk.length && !this.destroyed; at += size) {
      const piece = chunk.subarray(at, at + size);
      await this.#delay(piece.length);
      if (!this.destroyed) this.push(piece);
      this.#carried += piece.length;
      this.#doom();
    }
  }

  async #delay(bytes: number): Promise<void> {
    while (this.#isSilent() && !this.destroyed) await this.#path().changed;
    const { toxics, chance } = this.#path();
    const { latencyMs = 0, jitterMs = 0, bytesPerSecond } = toxics;
    const wait = latencyMs + jitterMs * (2 * chance() - 1);
    const carrying = bytesPerSecond === undefined ? 0 : (bytes / bytesPerSecond) * 1000;
    if (wait + carrying > 0) await new Promise((resolve) => setTimeout(resolve, wait + carrying));
  }

  #isSilent(): boolean {
    const { silent } = this.#path().toxics;
    return silent === 'both' || silent === this.#direction;
  }

  #doom(): void {
    const { limitBytes, resetAfterMs } = this.#path().toxics;
    if (limitBytes !== undefined && this.#carried >= limitBytes) return this.#reset();
    if (resetAfterMs === undefined || this.#doomed) return;
    this.#doomed = true;
    setTimeout(this.#reset, resetAfterMs).unref();
  }
}

const isHarmless = (toxics: Toxics): boolean => Object.keys(toxics).length === 0;
