import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import { Client, type Entry, type Filter } from 'ldapts';
import { SourceProblem } from '@provisor/provisioning';
import { ldapProblem, resultCodeOf } from './ldap-problem.js';

export interface LdapConnectionOptions {
  readonly url: string;
  readonly startTls: boolean;
  readonly caFile?: string;
  /** Absent: anonymous. The password is asked for at every connect, since it may have been rotated. */
  readonly bind?: { readonly dn: string; readonly password: () => Promise<string> };
  /** For connecting and for each request, in milliseconds. */
  readonly timeoutMs: number;
}

export interface SearchRequest {
  readonly base: string;
  readonly scope: 'base' | 'one' | 'sub';
  readonly filter: Filter | string;
  readonly attributes: readonly string[];
  /** The search ends without an error at this number of entries. */
  readonly sizeLimit?: number;
  /** Completes "while …" in an error message. */
  readonly doing: string;
}

/** Attributes that are bytes even where a value happens to be valid UTF-8, in the spelling of the servers. */
const BINARY_ATTRIBUTES = [
  ...['jpegPhoto', 'thumbnailPhoto', 'photo', 'audio', 'userCertificate', 'userCertificate;binary'],
  ...[
    'userSMIMECertificate',
    'userPKCS12',
    'objectGUID',
    'objectSid',
    'sIDHistory',
    'mS-DS-ConsistencyGuid',
    'krbPrincipalKey',
  ],
];

/**
 * One authenticated connection, opened when it is needed and again after it was lost. The LDAP client reconnects by itself, but
 * without binding again: an anonymous connection may see nothing, which would look like an empty directory. So a client whose
 * connection is gone is never used again.
 */
export class LdapConnection {
  private readonly options: LdapConnectionOptions;
  private opened: Client | undefined;
  private opening: Promise<Client> | undefined;
  private serial = 0;

  constructor(options: LdapConnectionOptions) {
    this.options = options;
  }

  /** Changes with every new connection; 0 before the first. */
  get connectionSerial(): number {
    return this.serial;
  }

  /** All entries of one answer. Rejects with SourceProblem, whose cause is the client's own error. */
  async search(request: SearchRequest, signal: AbortSignal): Promise<Entry[]> {
    const result = await this.guarded(request.doing, signal, (client) =>
      client.search(request.base, this.searchOptions(request)),
    );
    return result.searchEntries;
  }

  /** Page by page (RFC 2696): no more than one page is held. */
  async *pages(request: SearchRequest, pageSize: number, signal: AbortSignal): AsyncGenerator<Entry[]> {
    const client = await this.client(signal);
    const pages = client.searchPaginated(request.base, { ...this.searchOptions(request), paged: { pageSize } });
    for (;;) {
      const page = await this.guarded(request.doing, signal, async () => pages.next());
      if (page.done === true) return;
      if (page.value.searchEntries.length > 0) yield page.value.searchEntries;
    }
  }

  async close(): Promise<void> {
    const client = this.opened;
    this.opened = undefined;
    await client?.unbind().catch(() => undefined);
  }

  private searchOptions(request: SearchRequest) {
    return {
      scope: request.scope,
      filter: request.filter,
      attributes: [...request.attributes],
      explicitBufferAttributes: BINARY_ATTRIBUTES,
      // The client's own default is ten seconds, which a full read may well need.
      timeLimit: Math.ceil(this.options.timeoutMs / 1000),
      ...(request.sizeLimit === undefined ? {} : { sizeLimit: request.sizeLimit }),
    };
  }

  private async guarded<T>(doing: string, signal: AbortSignal, work: (client: Client) => Promise<T>): Promise<T> {
    const client = await this.client(signal);
    // The client cannot abandon a request; closing the connection ends it.
    const abort = () => void this.close();
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await work(client);
    } catch (error) {
      signal.throwIfAborted();
      if (resultCodeOf(error) === undefined) await this.discard(client);
      throw ldapProblem(error, { url: this.options.url, doing });
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** After anything but an answer of the directory. Another request may have opened a new connection by now, which stays. */
  private async discard(client: Client): Promise<void> {
    if (this.opened === client) this.opened = undefined;
    await client.unbind().catch(() => undefined);
  }

  private async client(signal: AbortSignal): Promise<Client> {
    signal.throwIfAborted();
    if (this.opened?.isConnected === true) return this.opened;
    this.opening ??= this.connect().finally(() => {
      this.opening = undefined;
    });
    return this.opening;
  }

  private async connect(): Promise<Client> {
    await this.close();
    const { url, startTls, bind, timeoutMs } = this.options;
    const tls = await this.tlsOptions();
    const client = new Client({
      url,
      timeout: timeoutMs,
      connectTimeout: Math.min(timeoutMs, 10_000),
      ...(url.startsWith('ldaps:') ? { tlsOptions: tls } : {}),
    });
    try {
      if (startTls && url.startsWith('ldap:')) await client.startTLS(tls);
      if (bind !== undefined) await client.bind(bind.dn, await bind.password());
    } catch (error) {
      await client.unbind().catch(() => undefined);
      throw ldapProblem(error, { url, doing: bind === undefined ? 'connecting' : `binding as ${bind.dn}` });
    }
    this.serial += 1;
    this.opened = client;
    return client;
  }

  private async tlsOptions(): Promise<ConnectionOptions> {
    const host = new URL(this.options.url).hostname.replace(/^\[|\]$/g, '');
    const servername = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
    const { caFile } = this.options;
    if (caFile === undefined) return { host, ...servername };
    try {
      return { host, ...servername, ca: await readFile(caFile) };
    } catch (error) {
      throw new SourceProblem(
        'configuration',
        `The file with certificate authorities ${caFile} cannot be read.`,
        error,
      );
    }
  }
}
