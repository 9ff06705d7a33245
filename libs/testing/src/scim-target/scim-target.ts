import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { control } from './control.js';
import { throttleHeaders, type Fault } from './faults.js';
import { handleRequest, type ScimAnswer, type ScimRequest } from './handle-request.js';
import { hashOf, type LedgerEntry } from './ledger.js';
import { isObject } from './resource.js';
import { ScimError } from './scim-error.js';
import { STRICT, Tenant, type TenantSettings } from './tenant.js';

export interface ScimTargetOptions {
  /** Any free port unless given. */
  readonly port?: number;
  /** Made up unless given. */
  readonly token?: string;
  /** What every new tenant starts with. */
  readonly settings?: Partial<TenantSettings>;
  /** Texts in bodies that the ledger notes (a global pattern), so that a request can be told from the next one. */
  readonly marks?: RegExp;
}

/** A SCIM 2.0 service provider in memory that keeps a ledger of every request and fails on demand. */
export interface ScimTarget {
  readonly port: number;
  readonly token: string;
  baseUrl(tenant: string): string;
  /** The tenant of that name, which begins empty. */
  tenant(name: string): Tenant;
  stop(): Promise<void>;
}

interface Exchange {
  readonly tenant: Tenant;
  readonly request: ScimRequest;
  readonly response: ServerResponse;
  readonly entry: LedgerEntry;
}

/** Starts a target on the loopback interface. Tenants come into being when they are first named. */
export async function startScimTarget(options: ScimTargetOptions = {}): Promise<ScimTarget> {
  const target = new RunningTarget(options);
  await target.listen(options.port ?? 0);
  return target;
}

class RunningTarget implements ScimTarget {
  readonly token: string;
  readonly #settings: TenantSettings;
  readonly #marks: RegExp | undefined;
  readonly #server: Server;
  readonly #tenants = new Map<string, Tenant>();
  #sequence = 0;

  constructor(options: ScimTargetOptions) {
    this.token = options.token ?? randomBytes(24).toString('base64url');
    this.#settings = { ...STRICT, ...options.settings };
    this.#marks = options.marks;
    this.#server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => this.#receive(request, response));
  }

  async listen(port: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen(port, '127.0.0.1', resolve);
    await promise;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  baseUrl(tenant: string): string {
    return `http://127.0.0.1:${this.port}/${tenant}/v2`;
  }

  tenant(name: string): Tenant {
    let tenant = this.#tenants.get(name);
    if (tenant === undefined) {
      tenant = new Tenant(name, this.baseUrl(name), this.#settings);
      this.#tenants.set(name, tenant);
    }
    return tenant;
  }

  async stop(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  #receive(message: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => chunks.push(chunk));
    message.on('end', () => {
      const body = chunks.length === 1 ? String(chunks[0]) : Buffer.concat(chunks).toString();
      this.#answer(message, response, body);
    });
  }

  #answer(message: IncomingMessage, response: ServerResponse, body: string): void {
    const url = message.url ?? '/';
    if (url.startsWith('/_control/')) return this.#control(url, response, body);
    const [, name = '', version, rest = ''] = /^\/([^/?]+)\/(v2)(.*)$/.exec(url) ?? [];
    if (version === undefined) return send(response, refusal(new ScimError(404, 'No such tenant.')));
    const tenant = this.tenant(decodeURIComponent(name));
    const request = readRequest(message, rest, body);
    const entry = this.#record(tenant, message, { path: rest, body, request });
    const exchange: Exchange = { tenant, request, response, entry };
    if (tenant.settings.keepBodies) response.once('close', () => (entry.ended = Date.now()));
    const fault = tenant.faults.take({ method: request.method, path: rest, key: entry.key, body });
    const delay = tenant.settings.serviceTimeMs + (fault?.kind === 'delay' ? fault.ms : 0);
    const authorized = message.headers.authorization === `Bearer ${this.token}`;
    const go = () =>
      fault === undefined ? finish(exchange, perform(exchange, authorized)) : fail(exchange, fault, authorized);
    if (delay > 0) setTimeout(go, delay);
    else go();
  }

  #control(url: string, response: ServerResponse, body: string): void {
    const [, , name = '', action = ''] = url.split('/');
    const answer = control(this.tenant(decodeURIComponent(name)), action, body);
    const status = answer === undefined ? 404 : 200;
    sendText(response, { status, type: 'application/json', text: JSON.stringify(answer ?? {}) });
  }

  #record(
    tenant: Tenant,
    message: IncomingMessage,
    { path, body, request }: { path: string; body: string; request: ScimRequest },
  ): LedgerEntry {
    const traceparent = message.headers.traceparent;
    const marks = this.#marks === undefined ? null : body.match(this.#marks);
    const entry: LedgerEntry = {
      sequence: (this.#sequence += 1),
      time: Date.now(),
      tenant: tenant.name,
      method: request.method,
      path,
      key: keyOf(request),
      bodyHash: hashOf(body),
      bytes: Buffer.byteLength(body),
      ...(marks !== null && { marks }),
      traceparent: Array.isArray(traceparent) ? traceparent.join(', ') : traceparent,
      ...(tenant.settings.keepBodies && body !== '' && { body }),
      status: 0,
      effect: 'none',
      answeredAt: 0,
    };
    tenant.ledger.entries.push(entry);
    return entry;
  }
}

function readRequest(message: IncomingMessage, rest: string, body: string): ScimRequest {
  const question = rest.indexOf('?');
  const path = question < 0 ? rest : rest.slice(0, question);
  return {
    method: message.method ?? 'GET',
    segments: path.split('/').slice(1).filter(Boolean).map(decodeURIComponent),
    query: new URLSearchParams(question < 0 ? '' : rest.slice(question + 1)),
    json: parseOnce(body),
    contentType: message.headers['content-type'] ?? '',
    ifMatch: message.headers['if-match'],
  };
}

function parseOnce(body: string): () => unknown {
  let parsed: { readonly value: unknown } | undefined;
  return () => (parsed ??= { value: parseJson(body) }).value;
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function keyOf({ method, segments, json }: ScimRequest): string {
  if (method !== 'POST') return segments[1] ?? '';
  const resource = json();
  if (!isObject(resource)) return '';
  const key = resource.externalId ?? resource.userName ?? resource.displayName;
  return typeof key === 'string' ? key : '';
}

function perform({ tenant, request, entry }: Exchange, authorized: boolean): ScimAnswer {
  try {
    if (!authorized) throw new ScimError(401, 'The token is missing or wrong.');
    const answer = handleRequest(tenant, request);
    if (answer.effect === 'created') entry.createdId = String(answer.body?.['id']);
    return answer;
  } catch (error) {
    if (error instanceof ScimError) return refusal(error);
    throw error;
  }
}

const refusal = (error: ScimError): ScimAnswer => ({ status: error.status, body: error.toBody(), effect: 'none' });

function finish({ response, entry }: Exchange, answer: ScimAnswer): void {
  if (response.destroyed) entry.lost = true;
  entry.status = answer.status;
  entry.effect = answer.effect;
  entry.answeredAt = Date.now();
  send(response, answer);
}

/** These are carried out, and not answered as they should be. */
const SPOILT = new Set<Fault['kind']>(['lost-answer', 'truncated', 'without-id']);

function fail(exchange: Exchange, fault: Fault, authorized: boolean): void {
  const { tenant, request, response, entry } = exchange;
  if (SPOILT.has(fault.kind) || (fault.kind === 'status' && fault.effect === true)) entry.lost = true;
  switch (fault.kind) {
    case 'reset':
      return void response.destroy();
    case 'lost-answer':
      entry.effect = perform(exchange, authorized).effect;
      return void response.destroy();
    case 'delay':
      return finish(exchange, perform(exchange, authorized));
    case 'throttle': {
      const headers = throttleHeaders(fault.style, fault.seconds, Date.now());
      return finish(exchange, { ...refusal(new ScimError(429, 'Too many requests.')), headers });
    }
    case 'status':
      return failWithStatus(exchange, fault, authorized);
    case 'truncated': {
      const answer = perform(exchange, authorized);
      Object.assign(entry, { status: answer.status, effect: answer.effect, answeredAt: Date.now() });
      const text = JSON.stringify(answer.body ?? {});
      return sendText(response, {
        status: answer.status,
        type: 'application/scim+json',
        text: text.slice(0, text.length / 2),
      });
    }
    case 'without-id': {
      const answer = perform(exchange, authorized);
      const body = { ...answer.body };
      delete body.id;
      return finish(exchange, { ...answer, body, headers: {} });
    }
    case 'filter-ignored': {
      const query = new URLSearchParams(request.query);
      query.delete('filter');
      return finish(exchange, perform({ ...exchange, tenant, request: { ...request, query } }, authorized));
    }
  }
}

function failWithStatus(exchange: Exchange, fault: Extract<Fault, { kind: 'status' }>, authorized: boolean): void {
  const { response, entry } = exchange;
  entry.effect = fault.effect ? perform(exchange, authorized).effect : 'none';
  entry.status = fault.status;
  entry.answeredAt = Date.now();
  const { status, headers, detail = 'Scripted fault.' } = fault;
  switch (fault.body ?? 'scim') {
    case 'scim':
      return send(response, {
        ...refusal(new ScimError(status, detail, fault.scimType)),
        ...(headers ? { headers } : {}),
      });
    case 'html':
      return sendText(response, {
        status,
        headers,
        type: 'text/html',
        text: `<html><body><h1>${detail}</h1></body></html>`,
      });
    case 'text':
      return sendText(response, { status, headers, type: 'text/plain', text: detail });
    case 'empty':
      return sendText(response, { status, headers, type: 'text/plain', text: '' });
  }
}

function send(response: ServerResponse, { status, body, headers }: ScimAnswer): void {
  if (body === undefined) {
    response.writeHead(status, headers);
    response.end();
    return;
  }
  sendText(response, { status, headers, type: 'application/scim+json', text: JSON.stringify(body) });
}

function sendText(
  response: ServerResponse,
  answer: { status: number; type: string; text: string; headers?: Readonly<Record<string, string>> | undefined },
): void {
  response.writeHead(answer.status, {
    'content-type': answer.type,
    'content-length': Buffer.byteLength(answer.text),
    ...answer.headers,
  });
  response.end(answer.text);
}
