import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { scimTarget, type TargetAttributes } from '@provisor/contracts';
import type { CallContext, Connector } from '@provisor/provisioning';
import { startScimTarget, type Fault, type ScimTarget, type TenantSettings } from '@provisor/testing';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { createScimConnector } from './scim-connector.js';

export const TRACE = '0af7651916cd43dd8448eb211c80319c';

let running: ScimTarget | undefined;
const closing: (() => Promise<void>)[] = [];
let number = 0;
beforeAll(async () => {
  running = await startScimTarget();
});
afterAll(() => running?.stop());
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** The target of this file's tests. */
export function simulator(): ScimTarget {
  if (running === undefined) throw new Error('Not started.');
  return running;
}

/** Done after the present test. */
export const afterTest = (close: () => Promise<void>): void => void closing.push(close);

/** A connector to a target, closed after the test. */
export function connect(
  baseUrl: string,
  more: {
    profile?: Record<string, unknown>;
    vendorProfile?: string;
    timeout?: string;
    secrets?: string[];
    allowInsecure?: boolean;
  } = {},
): Connector {
  const { secrets = [simulator().token], ...target } = more;
  const connector = createScimConnector({
    target: scimTarget.parse({
      type: 'scim',
      baseUrl,
      auth: { type: 'bearer', token: { env: 'TOKEN' } },
      allowInsecure: true,
      ...target,
    }),
    resolveSecret: async () => (secrets.length > 1 ? secrets.shift() : secrets[0]) ?? '',
  });
  afterTest(() => connector.close());
  return connector;
}

/** A connector to a tenant of the simulator. */
export function setUp(
  more: Parameters<typeof connect>[1] & { settings?: Partial<TenantSettings>; faults?: Fault[] } = {},
) {
  const { settings, faults = [], ...target } = more;
  const tenant = simulator().tenant(`f${(number += 1)}`);
  tenant.configure(settings ?? {});
  tenant.faults.add(...faults);
  const budget: string[] = [];
  const abort = new AbortController();
  const context: CallContext = {
    signal: abort.signal,
    acquire: async (kind) => void budget.push(kind),
    traceparent: `00-${TRACE}-b7ad6b7169203331-01`,
  };
  const connector = connect(tenant.baseUrl, target);
  const writes = () =>
    tenant.ledger.entries.filter(({ method }) => method !== 'GET').map(({ method, status }) => `${method} ${status}`);
  return { tenant, connector, context, budget, abort, writes };
}

export function person(objectId = 'o1', more: TargetAttributes = {}) {
  return {
    objectType: 'user' as const,
    objectId,
    active: true,
    attributes: { userName: `${objectId}@x.example`, ...more },
  };
}

export async function created(connector: Connector, context: CallContext, request = person()): Promise<string> {
  const outcome = await connector.create(request, context);
  if (outcome.kind !== 'applied' || outcome.targetId === undefined) throw new Error(`not created: ${outcome.code}`);
  return outcome.targetId;
}

export const updateOf = (
  targetId: string,
  change: { set?: TargetAttributes; clear?: string[]; active?: boolean; targetVersion?: string },
) => ({
  objectType: 'user' as const,
  objectId: 'o1',
  targetId,
  set: {},
  clear: [],
  ...change,
  desired: { active: change.active ?? true, attributes: change.set ?? {} },
});
export const onPost = { method: 'POST', path: '/Users' };

/** A server of the test's own, on the loopback interface. */
export async function serve(listener: RequestListener): Promise<{ baseUrl: string }> {
  const server = createServer(listener);
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  afterTest(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
