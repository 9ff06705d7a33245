import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceProviderName } from '../arguments.js';
import {
  findContainerEngine,
  findJavaTools,
  preferredPort,
  removeKafkaContainer,
  requireFreePort,
} from '@provisor/embedded';

/** What a demo's folder remembers, so that the next start goes on with it. */
export interface DemoState {
  readonly users: number;
  readonly seed: string;
  readonly serviceProvider: ServiceProviderName;
  /** How often the demo was started on this data. */
  readonly run: number;
  readonly ports: Ports;
  /** The service provider's bearer token. */
  readonly token: string;
}

export interface Ports {
  readonly directory: number;
  readonly kafka: number;
  readonly postgres: number;
  readonly provider: number;
  readonly admin: number;
}

const USUAL: Ports = { directory: 1389, kafka: 9092, postgres: 5433, provider: 7002, admin: 3000 };
const FILE = 'demo.json';
const PARTS = [
  'directory',
  'kafka',
  'postgres',
  'service-provider',
  'provisor',
  'organisation.ldif',
  'provisor.yaml',
  FILE,
];

export interface OpenedState {
  readonly state: DemoState;
  /** Why the folder was emptied, in words. */
  readonly emptied: string | undefined;
}

/** The folder's state for this start; the folder is emptied where it belongs to another organisation or a new start is wanted. */
export async function openState(o: {
  dir: string;
  users: number;
  seed: string;
  serviceProvider: ServiceProviderName;
  fresh: boolean;
  adminPort: number | undefined;
}): Promise<OpenedState> {
  const known = read(o.dir);
  const emptied = reasonToEmpty(known, o);
  if (emptied !== undefined) await empty(o.dir);
  const before = emptied === undefined ? known : undefined;
  if (o.adminPort !== undefined) await requireFreePort(o.adminPort, 'the admin API');
  mkdirSync(o.dir, { recursive: true });
  const state: DemoState = {
    users: o.users,
    seed: o.seed,
    serviceProvider: o.serviceProvider,
    run: (before?.run ?? 0) + 1,
    ports: await choosePorts({ ...USUAL, ...before?.ports, ...(o.adminPort !== undefined && { admin: o.adminPort }) }),
    token: before?.token ?? randomBytes(24).toString('base64url'),
  };
  writeFileSync(join(o.dir, FILE), `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  return { state, emptied };
}

function reasonToEmpty(
  known: DemoState | undefined,
  o: { users: number; seed: string; serviceProvider: ServiceProviderName; fresh: boolean },
): string | undefined {
  if (known === undefined) return undefined;
  if (o.fresh) return 'as --fresh says';
  if (known.users !== o.users || known.seed !== o.seed)
    return `because the last demo had ${known.users} people of seed ${known.seed}`;
  if (known.serviceProvider !== o.serviceProvider) return 'because the last demo had another service provider';
  if (o.serviceProvider !== 'better-auth')
    return 'because the service provider has forgotten the accounts of the last demo';
  return undefined;
}

/** Removes what a demo made, nothing else that may lie in the folder. */
async function empty(dir: string): Promise<void> {
  const engine = (await findJavaTools()).java === undefined ? await findContainerEngine() : undefined;
  if (engine !== undefined) await removeKafkaContainer(engine, join(dir, 'kafka'));
  for (const part of PARTS) rmSync(join(dir, part), { recursive: true, force: true });
}

function read(dir: string): DemoState | undefined {
  const file = join(dir, FILE);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as DemoState) : undefined;
}

/** One after the other, so that no two get the same free port. */
async function choosePorts(wanted: Ports): Promise<Ports> {
  const chosen = new Set<number>();
  const next = async (port: number): Promise<number> => {
    let free = await preferredPort(port);
    while (chosen.has(free)) free = await preferredPort(0);
    chosen.add(free);
    return free;
  };
  return {
    directory: await next(wanted.directory),
    kafka: await next(wanted.kafka),
    postgres: await next(wanted.postgres),
    provider: await next(wanted.provider),
    admin: await next(wanted.admin),
  };
}
