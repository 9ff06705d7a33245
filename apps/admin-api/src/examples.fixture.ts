import { randomUUID } from 'node:crypto';
import type { ProvisioningResult } from '@provisor/contracts';
import { systemClock } from '@provisor/host';

/** The fields of all answers; each answer has some of them. */
export interface Body {
  readonly openapi: string;
  readonly details: { readonly database: string };
  readonly version: number;
  readonly versions: readonly { readonly change: string; readonly version: number }[];
  readonly changes: readonly {
    readonly change: string;
    readonly version: number;
    readonly differences: readonly unknown[];
  }[];
  readonly document: {
    readonly kind: string;
    readonly spec: { readonly target: { readonly auth: { readonly token: unknown } } };
  };
  readonly errors: readonly { readonly pointer: string }[];
  readonly detail: string;
  readonly secrets: readonly unknown[];
  readonly results: readonly ProvisioningResult[];
  readonly next?: string;
  readonly cursor: string;
  readonly objects: readonly unknown[];
  readonly objectId: string;
  readonly summary: unknown;
  readonly current: unknown;
  readonly deadLetters: readonly unknown[];
  readonly entries: readonly { readonly action: string }[];
  readonly spConnections: readonly { readonly name: string; readonly state: string }[];
  readonly problems: readonly string[];
  readonly counts?: unknown;
  readonly reason: string;
  readonly id: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** Waits until `look` finds something; throws with what was waited for after `ms`. */
export async function eventually<T>(
  look: () => Promise<T | undefined> | T | undefined,
  what: string,
  ms = 20_000,
): Promise<T> {
  const deadline = Date.now() + ms;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`Not within ${ms} ms: ${what}`);
    await systemClock.sleep(50);
  }
}

export const store = (name: string, spec: Record<string, unknown> = {}) => ({
  apiVersion: 'provisor/v1',
  kind: 'DataStore',
  metadata: { name },
  spec: { type: 'ldap', url: 'ldap://127.0.0.1:1389', baseDn: 'dc=corp,dc=example', ...spec },
});

export const connection = (name: string, dataStore: string, target: Record<string, unknown> = {}) => ({
  apiVersion: 'provisor/v1',
  kind: 'SpConnection',
  metadata: { name },
  spec: {
    target: {
      type: 'scim',
      baseUrl: 'https://scim.example/v2',
      auth: { type: 'bearer', token: { env: 'TOKEN' } },
      ...target,
    },
    channels: [
      { name: 'staff', dataStore, users: { filter: '(employeeType=staff)' }, attributes: { userName: 'uid' } },
    ],
  },
});

export const result = (o: Partial<ProvisioningResult> = {}): ProvisioningResult => ({
  id: randomUUID(),
  spConnection: 'history',
  objectId: 'o-1',
  objectType: 'user',
  label: 'uid=jdoe,ou=people,dc=corp,dc=example',
  version: { sequence: 1, config: 1 },
  operation: 'create',
  outcome: 'applied',
  terminal: true,
  code: 'ok',
  attempt: 1,
  finishedAt: new Date().toISOString(),
  ...o,
});
