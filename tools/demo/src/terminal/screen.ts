import type { WriteStream } from 'node:tty';

const SAY_EVERY_MS = 15_000;

/** Progress and results for a person. Colour and moving lines only where a terminal shows them. */
export class Screen {
  readonly #out: NodeJS.WriteStream | WriteStream;
  readonly #live: boolean;
  readonly #colour: boolean;
  #moving = '';
  #saidAt = performance.now();

  constructor(out: NodeJS.WriteStream, env: NodeJS.ProcessEnv = process.env) {
    this.#out = out;
    this.#live = out.isTTY === true;
    this.#colour = this.#live && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  }

  line(text = ''): void {
    this.#clear();
    this.#saidAt = performance.now();
    this.#out.write(`${text}\n`);
  }

  heading(text: string): void {
    this.line();
    this.line(this.#paint('1', text));
  }

  /** A line that the next one replaces; where nothing can be replaced, one now and then. */
  progress(text: string): void {
    if (!this.#live) return this.#sayNowAndThen(text);
    if (text === this.#moving) return;
    this.#clear();
    this.#moving = text;
    this.#out.write(`  ${this.#paint('2', text.slice(0, (this.#out.columns ?? 80) - 3))}`);
  }

  /** Runs a step and says how long it took. */
  async step<T>(label: string, work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    this.progress(`… ${label}`);
    try {
      const result = await work();
      this.line(`  ${this.good('✓')} ${label} ${this.faint(`(${seconds(performance.now() - started)})`)}`);
      return result;
    } catch (error) {
      this.line(`  ${this.bad('✗')} ${label}`);
      throw error;
    }
  }

  good(text: string): string {
    return this.#paint('32', text);
  }

  bad(text: string): string {
    return this.#paint('31', text);
  }

  faint(text: string): string {
    return this.#paint('2', text);
  }

  #sayNowAndThen(text: string): void {
    if (performance.now() - this.#saidAt >= SAY_EVERY_MS) this.line(`  ${text}`);
  }

  #paint(code: string, text: string): string {
    return this.#colour ? `\u001b[${code}m${text}\u001b[0m` : text;
  }

  #clear(): void {
    if (this.#moving === '') return;
    this.#out.write('\r\u001b[2K');
    this.#moving = '';
  }
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
