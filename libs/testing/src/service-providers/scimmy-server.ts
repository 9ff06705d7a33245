import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import SCIMMY from 'scimmy';
import SCIMMYRouters from 'scimmy-routers';

/*
 * A process of its own, started by scimmy.ts. Imports packages only, so that Node can run it from its source.
 */
interface Settings {
  readonly port: number;
  readonly tokens: Readonly<Record<string, string>>;
}
type Resource = Record<string, unknown> & { id: string; externalId?: string };
interface Store {
  readonly byId: Map<string, Resource>;
  readonly byName: Map<string, Resource>;
  readonly byExternalId: Map<string, Resource>;
}
interface Asked {
  readonly id?: string;
  readonly filter?: { match(list: Resource[]): Resource[] } & readonly unknown[];
  readonly constraints?: { readonly startIndex?: number; readonly count?: number; readonly sortBy?: string };
}

const settings = JSON.parse(process.env.SERVICE_PROVIDER ?? '{}') as Settings;
const tenantOf = new Map(Object.entries(settings.tokens).map(([name, token]) => [`Bearer ${token}`, name]));

/** The storage of one resource type, per tenant. */
function storage(nameAttribute: 'userName' | 'displayName') {
  const tenants = new Map<string, Store>();
  const storeOf = (tenant: string): Store => {
    const store = tenants.get(tenant) ?? { byId: new Map(), byName: new Map(), byExternalId: new Map() };
    tenants.set(tenant, store);
    return store;
  };
  const nameOf = (resource: Record<string, unknown>) => String(resource[nameAttribute]).toLowerCase();
  const forget = (store: Store, resource: Resource) => {
    store.byId.delete(resource.id);
    store.byName.delete(nameOf(resource));
    if (resource.externalId !== undefined) store.byExternalId.delete(resource.externalId);
  };
  return {
    write({ id }: Asked, instance: unknown, tenant: string): Resource {
      const store = storeOf(tenant);
      const resource = JSON.parse(JSON.stringify(instance)) as Resource;
      const twin = store.byName.get(nameOf(resource));
      if (twin !== undefined && twin.id !== id) {
        throw new SCIMMY.Types.Error(409, 'uniqueness', `Another resource has this ${nameAttribute}.`);
      }
      const before = id === undefined ? undefined : store.byId.get(id);
      if (id !== undefined && before === undefined) throw notFound(id);
      if (before !== undefined) forget(store, before);
      resource.id = id ?? randomUUID();
      store.byId.set(resource.id, resource);
      store.byName.set(nameOf(resource), resource);
      if (resource.externalId !== undefined) store.byExternalId.set(resource.externalId, resource);
      return resource;
    },
    read({ id, filter, constraints }: Asked, tenant: string): Resource | Resource[] {
      const store = storeOf(tenant);
      if (id !== undefined) {
        const resource = store.byId.get(id);
        if (resource === undefined) throw notFound(id);
        return resource;
      }
      if (filter === undefined) return onlyThePage([...store.byId.values()], constraints ?? {});
      return filter.match(candidates(store, filter) ?? [...store.byId.values()]);
    },
    remove({ id = '' }: Asked, tenant: string): void {
      const store = storeOf(tenant);
      const resource = store.byId.get(id);
      if (resource === undefined) throw notFound(id);
      forget(store, resource);
    },
  };

  /** Saves a walk over everybody where one `eq` on the name or the externalId is all that is asked. */
  function candidates(store: Store, filter: readonly unknown[]): Resource[] | undefined {
    const [expression, ...others] = filter;
    const entries = Object.entries((expression ?? {}) as Record<string, unknown>);
    const [attribute, comparison] = entries[0] ?? [];
    if (others.length > 0 || entries.length !== 1 || !Array.isArray(comparison) || comparison[0] !== 'eq')
      return undefined;
    const value = String(comparison[1]);
    const name = attribute?.toLowerCase();
    if (name !== nameAttribute.toLowerCase() && name !== 'externalid') return undefined;
    const found = name === 'externalid' ? store.byExternalId.get(value) : store.byName.get(value.toLowerCase());
    return found === undefined ? [] : [found];
  }
}

/**
 * SCIMMY makes an instance of everything that it is given and takes the page out of that: a listing in pages would cost the square
 * of what is stored. It skips holes and counts them. Where a page does not begin at a multiple of its size, it would take the page
 * out of the page, and gets everything.
 */
function onlyThePage(
  all: Resource[],
  { startIndex = 1, count = 20, sortBy }: NonNullable<Asked['constraints']>,
): Resource[] {
  const start = Math.max(startIndex, 1) - 1;
  if (sortBy !== undefined || count < 1 || start % count !== 0) return all;
  const sparse = new Array<Resource>(all.length);
  for (let index = start; index < Math.min(start + count, all.length); index++) sparse[index] = all[index] as Resource;
  return sparse;
}

const notFound = (id: string) => new SCIMMY.Types.Error(404, '', `There is no resource ${id}.`);

const users = storage('userName');
const groups = storage('displayName');
// What is stored is JSON; the handlers' types ask for instances of SCIMMY's classes, which SCIMMY itself makes of it.
SCIMMY.Resources.declare(SCIMMY.Resources.User)
  .ingress((resource, instance, tenant: string) => users.write(resource as Asked, instance, tenant) as never)
  .egress((resource, tenant: string) => users.read(resource as Asked, tenant) as never)
  .degress((resource, tenant: string) => users.remove(resource, tenant));
SCIMMY.Resources.declare(SCIMMY.Resources.Group)
  .ingress((resource, instance, tenant: string) => groups.write(resource as Asked, instance, tenant) as never)
  .egress((resource, tenant: string) => groups.read(resource as Asked, tenant) as never)
  .degress((resource, tenant: string) => groups.remove(resource, tenant));
SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser, false);

const app = express();
app.disable('x-powered-by');
app.use(
  '/scim/v2',
  new SCIMMYRouters({
    type: 'bearer',
    handler: (request) => {
      const tenant = tenantOf.get(request.header('authorization') ?? '');
      if (tenant === undefined) throw new Error('The token is missing or wrong.');
      return tenant;
    },
    context: (request) => tenantOf.get(request.header('authorization') ?? ''),
  }),
);
const server = createServer({ keepAliveTimeout: 60_000 }, app);
server.listen(settings.port, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ baseUrl: `http://127.0.0.1:${port}/scim/v2`, port })}\n`);
});

process.once('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
