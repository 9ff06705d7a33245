import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BASE_DN, DirectoryClient, toLdif, type DirectoryContent, type Organisation } from '@provisor/demo';
import { startDirectory, type DirectoryOptions, type EmbeddedDirectory } from '@provisor/embedded';
import { Gate } from './gate.js';

/**
 * The LDAP directory of an installation, behind a gate. It can go away, and it can be replaced by one with other entries, as when it is
 * restored wrongly or its replica is half filled: address and password stay the same.
 */
export class SourceDirectory {
  readonly password = randomBytes(18).toString('base64url');
  readonly bindDn = 'cn=Directory Manager';
  readonly #dir: string;
  readonly #gate: Gate;
  #server: EmbeddedDirectory | undefined;
  #client: DirectoryClient | undefined;
  #generation = 0;
  #started: DirectoryOptions | undefined;

  private constructor(dir: string, gate: Gate) {
    this.#dir = dir;
    this.#gate = gate;
  }

  /** Not started yet; everything of it lies in the folder. */
  static async create(dir: string): Promise<SourceDirectory> {
    return new SourceDirectory(dir, await Gate.create());
  }

  /** Where services find it. */
  get url(): string {
    return `ldap://127.0.0.1:${this.#gate.port}`;
  }

  /** For changes, as an administrator makes them. */
  get client(): DirectoryClient {
    if (this.#client === undefined) throw new Error('The directory is not running.');
    return this.#client;
  }

  /**
   * From now on it has these entries and no others, and a change log of its own; connections to the one before are reset.
   * `maxSizeLimit` cuts each answer off after so many entries.
   */
  async startWith(organisation: Organisation, o: { readonly maxSizeLimit?: number } = {}): Promise<void> {
    this.#generation += 1;
    const dataDir = join(this.#dir, `generation-${this.#generation}`);
    mkdirSync(dataDir, { recursive: true });
    const ldif = join(dataDir, 'organisation.ldif');
    writeFileSync(ldif, toLdif(organisation));
    const { password } = this;
    const before = { client: this.#client, server: this.#server };
    await this.#start({ baseDn: BASE_DN, dataDir, ldif, password, ...o });
    await before.client?.close().catch(() => undefined);
    await before.server?.stop();
  }

  /** Ends it and starts it again with the entries that it has. Its change log begins anew, as this server does not keep it. */
  async restart(): Promise<void> {
    if (this.#started === undefined) throw new Error('The directory was never started.');
    const again = this.#started;
    await this.stop();
    await this.#start(again);
  }

  /** The way to it, for services alone. */
  get gate(): Gate {
    return this.#gate;
  }

  async #start(options: DirectoryOptions): Promise<void> {
    const { password, bindDn } = this;
    const server = await startDirectory(options);
    const client = await DirectoryClient.connect({ url: server.url, bindDn, password });
    await this.#gate.leadTo(server.port);
    this.#client = client;
    this.#server = server;
    this.#started = options;
  }

  /** Connections are refused from now on. */
  async stop(): Promise<void> {
    await this.#gate.close();
    await this.#client?.close().catch(() => undefined);
    const server = this.#server;
    this.#client = undefined;
    this.#server = undefined;
    await server?.stop();
  }

  async content(): Promise<DirectoryContent> {
    return { people: await this.client.people(), groups: await this.client.groups() };
  }
}
