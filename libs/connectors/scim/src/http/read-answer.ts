import type { Dispatcher } from 'undici';
import type { ScimCode } from '../codes.js';
import type { HttpResult } from './http-answer.js';

export interface ReadLimits {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

class GivenUp extends Error {
  readonly failure: ScimCode;

  constructor(failure: ScimCode, message: string) {
    super(message);
    this.failure = failure;
  }
}

/** Sends one request and reads its whole answer, within a time and a size. Never rejects. */
export function readAnswer(
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  limits: ReadLimits,
): Promise<HttpResult> {
  const { promise, resolve } = Promise.withResolvers<HttpResult>();
  dispatcher.dispatch(options, new AnswerReader(limits, resolve));
  return promise;
}

class AnswerReader implements Dispatcher.DispatchHandler {
  readonly #limits: ReadLimits;
  readonly #done: (result: HttpResult) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort = () => this.#giveUp(new GivenUp('http.aborted', 'The call was given up.'));
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: Record<string, string | undefined> = {};
  #chunks: Buffer[] = [];
  #bytes = 0;
  #finished = false;

  constructor(limits: ReadLimits, done: (result: HttpResult) => void) {
    this.#limits = limits;
    this.#done = done;
    const { timeoutMs } = limits;
    this.#timer = setTimeout(
      () => this.#giveUp(new GivenUp('http.timeout', `No answer in ${timeoutMs} ms.`)),
      timeoutMs,
    );
    limits.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#finished) controller.abort(new GivenUp('http.aborted', 'The call was given up.'));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: Record<string, unknown>): void {
    this.#status = status;
    for (const [name, value] of Object.entries(headers)) {
      this.#headers[name] = Array.isArray(value) ? String(value[0]) : String(value);
    }
    if (Number(this.#headers['content-length'] ?? 0) > this.#limits.maxBytes) this.#refuseSize(controller);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#limits.maxBytes) this.#refuseSize(controller);
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const text = this.#chunks.length === 1 ? String(this.#chunks[0]) : Buffer.concat(this.#chunks).toString();
    this.#finish({ status: this.#status, headers: this.#headers, text, json: parse(text) });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(error);
  }

  #refuseSize(controller: Dispatcher.DispatchController): void {
    controller.abort(new GivenUp('http.answer-too-large', `The answer is larger than ${this.#limits.maxBytes} bytes.`));
  }

  /** A request that still waits for a socket has no controller yet; it is aborted when it gets one. */
  #giveUp(reason: GivenUp): void {
    const controller = this.#controller;
    this.#fail(reason);
    controller?.abort(reason);
  }

  #fail(error: Error): void {
    this.#finish({ failure: failureOf(error), cause: causeOf(error), sent: this.#controller !== undefined });
  }

  #finish(result: HttpResult): void {
    if (this.#finished) return;
    this.#finished = true;
    clearTimeout(this.#timer);
    this.#limits.signal.removeEventListener('abort', this.#onAbort);
    this.#done(result);
  }
}

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const FAILURES: Readonly<Record<string, ScimCode>> = {
  UND_ERR_CONNECT_TIMEOUT: 'http.network',
  UND_ERR_HEADERS_TIMEOUT: 'http.timeout',
  UND_ERR_BODY_TIMEOUT: 'http.timeout',
  ENOTFOUND: 'http.dns',
  EAI_AGAIN: 'http.dns',
  PROVISOR_PRIVATE_ADDRESS: 'http.private-address',
};
/** Names that OpenSSL and Node give to a certificate or a handshake that is not accepted. */
const TLS = /CERT|^ERR_(SSL|TLS)|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|^EPROTO$/;

function failureOf(error: Error): ScimCode {
  if (error instanceof GivenUp) return error.failure;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return FAILURES[code] ?? (TLS.test(code) ? 'http.tls' : 'http.network');
}

function causeOf(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const message = error.message === '' ? error.name : error.message;
  return code === '' || message.includes(code) ? message : `${message} (${code})`;
}
