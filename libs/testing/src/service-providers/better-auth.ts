import { randomBytes } from 'node:crypto';
import { startServiceProvider, type ServiceProvider } from './service-provider.js';

export interface BetterAuthOptions {
  /** A PostgreSQL database of its own; its tables are made at start. */
  readonly databaseUrl: string;
  /** Any free port unless given. */
  readonly port?: number;
  /** Names of isolated tenants; `main` unless given. Tokens are made up where none is given. */
  readonly tenants?: Readonly<Record<string, string | undefined>>;
  /** Connections to the database. */
  readonly poolSize?: number;
  /**
   * Wait for the disk at each commit. Off unless given: all creates of a tenant lock one row until they are committed, so that
   * the disk alone would set the pace.
   */
  readonly durable?: boolean;
  /** Folder for its log; a temporary one unless given. */
  readonly dir?: string;
  /** Better Auth's own limit of 100 requests in 10 s. */
  readonly rateLimit?: boolean;
}

/** Better Auth with its SCIM plug-in: strict, narrow, with storage in PostgreSQL. */
export function startBetterAuth(options: BetterAuthOptions): Promise<ServiceProvider> {
  const tokens = tokensOf(options.tenants ?? { main: undefined });
  const { databaseUrl, port = 0, poolSize = 16, rateLimit = false, durable = false } = options;
  return startServiceProvider({
    dir: options.dir,
    script: 'better-auth-server',
    name: 'Better Auth',
    tokens,
    settings: { databaseUrl, port, poolSize, rateLimit, durable, tokens },
  });
}

/** The given tokens, and new ones where none is given. */
export function tokensOf(tenants: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tenants).map(([name, token]) => [name, token ?? randomBytes(24).toString('base64url')]),
  );
}
