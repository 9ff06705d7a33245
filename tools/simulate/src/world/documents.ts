import { spConnection, type SpConnection } from '@provisor/contracts';
import { compileConnection, type CompiledConnection } from '@provisor/provisioning';
import type { Setup } from '../plan/plan.js';
import { DATA_STORE } from './organisation.js';

export const MANAGER = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager';

/** A path whose values no service provider shows. */
export const MASKED = 'costCenter';

const parsed = new Map<string, SpConnection>();

/** The document of an SP connection; every second version maps one attribute more. */
function documentOf(name: string, setup: Setup, version: number): SpConnection {
  const document = {
    apiVersion: 'provisor/v1',
    kind: 'SpConnection',
    metadata: { name },
    spec: {
      target: { type: 'scim', baseUrl: 'https://target.example/scim', auth: { type: 'none' } },
      policy: {
        users: { remove: setup.remove },
        guard: { removals: { max: setup.removals, percent: 0, window: '1d' } },
        retry: { initial: '500ms', max: '5s' },
      },
      limits: {
        concurrency: 8,
        ...(setup.sharedScope ? { scope: 'shared' } : {}),
        ...(setup.rate === 0 ? {} : { requestsPerSecond: setup.rate, burst: setup.burst }),
      },
      channels: [
        {
          name: 'staff',
          dataStore: DATA_STORE,
          users: { filter: '(employeeType=staff)' },
          groups: {},
          attributes: {
            userName: 'uid',
            'name.familyName': 'sn',
            title: 'rev',
            preferredLanguage: 'shift',
            [MASKED]: { source: 'sn', masked: true },
            [MANAGER]: { reference: 'manager' },
            ...(version % 2 === 0 ? { nickName: 'sn' } : {}),
          },
          groupAttributes: { displayName: 'cn' },
        },
      ],
    },
  };
  const key = JSON.stringify(document);
  const known = parsed.get(key) ?? spConnection.parse(document);
  parsed.set(key, known);
  return known;
}

const compiled = new Map<string, CompiledConnection>();

/** An SP connection as it is configured from some version of its document on. */
export function connectionOf(name: string, setup: Setup, version: number): CompiledConnection {
  const key = JSON.stringify([name, setup.remove, setup.removals, setup.sharedScope, setup.rate, setup.burst, version]);
  const known = compiled.get(key) ?? compileConnection(documentOf(name, setup, version), version);
  compiled.set(key, known);
  return known;
}
