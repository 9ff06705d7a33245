import { createServer } from 'node:http';
import { startScimTarget, type Fault, type LedgerEntry, type Tenant, type TenantSettings } from '@provisor/testing';
import { MARK } from './mark.js';
import { RateLimit, type RateLimitSettings } from './rate-limit.js';
import type { Progress, TargetSettings } from './target-process.js';

/*
 * The service provider of a benchmark: the SCIM simulator in a process of its own, with a second port by which the harness asks and tells
 * it things without disturbing what is measured.
 */
const settings = JSON.parse(process.env['BENCH_TARGET'] ?? '{}') as TargetSettings;
const target = await startScimTarget({
  port: settings.port,
  token: settings.token,
  marks: MARK,
  settings: { uniqueExternalId: false, uniqueGroupName: false, ...settings.tenants },
});

const ACTIONS: Readonly<Record<string, (tenant: Tenant, body: unknown) => unknown>> = {
  progress,
  ledger: (tenant, body) => tenant.ledger.entries.slice((body as { from?: number }).from ?? 0).map(compact),
  settings: (tenant, body) => tenant.configure(body as Partial<TenantSettings>),
  faults: (tenant, body) => tenant.faults.add(...(body as Fault[])),
  heal: (tenant) => tenant.faults.clear(),
  clear: (tenant) => tenant.ledger.clear(),
  prefill,
  limit: (tenant, body) => {
    const limit = new RateLimit(body as RateLimitSettings);
    tenant.faults.take = () => limit.take(Date.now());
  },
};

const control = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const [, tenant = '', action = ''] = (request.url ?? '').split('/');
    const run = ACTIONS[action];
    const answer = run?.(target.tenant(tenant), JSON.parse(Buffer.concat(chunks).toString() || '{}'));
    response.writeHead(run === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? {}));
  });
});
control.listen(settings.controlPort, '127.0.0.1');

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => {
    control.close();
    control.closeAllConnections();
    void target.stop().then(() => process.exit(0));
  });

function progress({ users, groups, members, ledger }: Tenant): Progress {
  const memberships = [...groups.all()].reduce((sum, { id }) => sum + members.count(id), 0);
  return { users: users.size, groups: groups.size, memberships, requests: ledger.entries.length };
}

/** Accounts that are there already; gives their ids in the same order. */
function prefill(tenant: Tenant, body: unknown): string[] {
  return (body as { externalIds: string[] }).externalIds.map(
    (externalId) => tenant.users.insert({ externalId, userName: externalId, active: true }).id,
  );
}

function compact({
  time,
  answeredAt,
  method,
  path,
  key,
  status,
  effect,
  bytes,
  createdId,
  marks,
}: LedgerEntry): unknown {
  return [time, answeredAt, method, path, key, status, effect, bytes, createdId ?? '', marks];
}
