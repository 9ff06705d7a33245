import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BASE_DN, DirectoryClient, toLdif, type DirectoryContent, type Organisation } from '@provisor/demo';
import { freePort, startDirectory, type EmbeddedDirectory } from '@provisor/embedded';

export interface SourceDirectoryOptions {
  readonly dir: string;
  readonly organisation: Organisation;
}

/**
 * The LDAP directory of an installation. It can go away and come back with what it had, or with other entries, as one that was restored
 * wrongly or whose replica is half filled: address and password stay the same.
 */
export class SourceDirectory {
  readonly port: number;
  readonly password = randomBytes(18).toString('base64url');
  readonly bindDn = 'cn=Directory Manager';
  readonly #dir: string;
  #server: EmbeddedDirectory | undefined;
  #client: DirectoryClient | undefined;
  #generation = 0;

  private constructor(dir: string, port: number) {
    this.#dir = dir;
    this.port = port;
  }

  static async start({ dir, organisation }: SourceDirectoryOptions): Promise<SourceDirectory> {
    const directory = new SourceDirectory(dir, await freePort());
    await directory.startWith(organisation);
    return directory;
  }

  get url(): string {
    return `ldap://127.0.0.1:${this.port}`;
  }

  /** For changes, as an administrator makes them. */
  get client(): DirectoryClient {
    if (this.#client === undefined) throw new Error('The directory is not running.');
    return this.#client;
  }

  /** Starts it with these entries and no others. `maxSizeLimit` cuts each answer off after so many entries. */
  async startWith(organisation: Organisation, o: { readonly maxSizeLimit?: number } = {}): Promise<void> {
    this.#generation += 1;
    const dataDir = join(this.#dir, `generation-${this.#generation}`);
    rmSync(dataDir, { recursive: true, force: true });
    mkdirSync(dataDir, { recursive: true });
    const ldif = join(this.#dir, 'organisation.ldif');
    writeFileSync(ldif, toLdif(organisation));
    this.#server = await startDirectory({
      port: this.port,
      baseDn: BASE_DN,
      dataDir,
      ldif,
      password: this.password,
      ...o,
    });
    this.#client = await DirectoryClient.connect({ url: this.url, bindDn: this.bindDn, password: this.password });
  }

  /** Connections are refused from now on. */
  async stop(): Promise<void> {
    const server = this.#server;
    await this.#client?.close().catch(() => undefined);
    this.#client = undefined;
    this.#server = undefined;
    await server?.stop();
  }

  async content(): Promise<DirectoryContent> {
    return { people: await this.client.people(), groups: await this.client.groups() };
  }
}
