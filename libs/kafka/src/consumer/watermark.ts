export interface Level {
  readonly records: number;
  readonly bytes: number;
}

/**
 * Back-pressure of one partition: open → closed when records or bytes in hand (queued and in work) exceed the high level,
 * closed → open when both have fallen to half of it. The gap keeps it from flapping.
 */
export class Watermark {
  readonly #high: Level;
  #records = 0;
  #bytes = 0;
  #closed = false;

  constructor(high: Level) {
    this.#high = high;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get records(): number {
    return this.#records;
  }

  /** Returns `close` if intake has to pause now. */
  rise(records: number, bytes: number): 'close' | undefined {
    this.#records += records;
    this.#bytes += bytes;
    if (this.#closed || (this.#records <= this.#high.records && this.#bytes <= this.#high.bytes)) return undefined;
    this.#closed = true;
    return 'close';
  }

  /** Returns `open` if intake may go on now. */
  fall(records: number, bytes: number): 'open' | undefined {
    this.#records -= records;
    this.#bytes -= bytes;
    if (!this.#closed || this.#records * 2 > this.#high.records || this.#bytes * 2 > this.#high.bytes) return undefined;
    this.#closed = false;
    return 'open';
  }
}
