import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { scim } from '@better-auth/scim';
import { betterAuth, type BetterAuthOptions } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import pg from 'pg';

/*
 * A process of its own, started by better-auth.ts. Imports packages only, so that Node can run it from its source.
 */
interface Settings {
  readonly databaseUrl: string;
  readonly port: number;
  readonly poolSize: number;
  readonly rateLimit: boolean;
  readonly durable: boolean;
  readonly tokens: Readonly<Record<string, string>>;
}

const settings = JSON.parse(process.env.SERVICE_PROVIDER ?? '{}') as Settings;
const pool = new pg.Pool({
  connectionString: settings.databaseUrl,
  max: settings.poolSize,
  ...(settings.durable ? {} : { options: '-c synchronous_commit=off' }),
});
// The port is part of Better Auth's base URL, so the socket comes first.
const server = createServer({ keepAliveTimeout: 60_000 });
server.listen(settings.port, '127.0.0.1');
await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject));
const { port } = server.address() as AddressInfo;

const options = {
  database: pool,
  secret: randomBytes(32).toString('base64url'),
  baseURL: `http://127.0.0.1:${port}`,
  rateLimit: { enabled: settings.rateLimit },
  emailAndPassword: { enabled: true },
  logger: { disabled: true },
  telemetry: { enabled: false },
  plugins: [
    scim({
      connections: Object.entries(settings.tokens).map(([id, token]) => ({
        id,
        credentials: [{ type: 'bearer', id: `${id}-token`, token }],
      })),
      compatibility: { microsoftEntra: { acceptLegacyGroupSchema: true } },
    }),
  ],
} satisfies BetterAuthOptions;

const { runMigrations } = await getMigrations(options);
await runMigrations();
// Before each create Better Auth asks for users of the same connection in another domain, and reads all of the connection's users
// to find that there are none. An index that holds just those makes the cost of a create independent of their number.
for (const tenant of Object.keys(settings.tokens)) {
  const name = pg.escapeIdentifier(`scimUser_other_domain_${tenant}`);
  const condition = `"provisioningDomainId" <> ${pg.escapeLiteral(tenant)}`;
  await pool.query(`CREATE INDEX IF NOT EXISTS ${name} ON "scimUser" ("connectionId") WHERE ${condition}`);
}
const handler = toNodeHandler(betterAuth(options));
server.on('request', (request, response) => void handler(request, response));
process.stdout.write(`${JSON.stringify({ baseUrl: `http://127.0.0.1:${port}/api/auth/scim/v2`, port })}\n`);

process.once('SIGTERM', () => {
  server.closeAllConnections();
  server.close(() => void pool.end().then(() => process.exit(0)));
});
