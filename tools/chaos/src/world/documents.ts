import { GROUPS_DN, PEOPLE_DN } from '@provisor/demo';
import { DATA_STORE } from '@provisor/e2e';

export interface ChaosConnection {
  readonly name: string;
  readonly baseUrl: string;
  /** Removals that are sent without approval within an hour. */
  readonly removals?: number;
  /** DN below which people are taken. */
  readonly people?: string;
  readonly requestsPerSecond?: number;
  readonly burst?: number;
}

/** Masked: whoever finds its values outside of their place has found a leak. */
export const MASKED_PATH = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber';

/** What no run comes near to: guards are in nobody's way unless a fault is about them. */
export const MANY = 1_000_000;

const targetAndPolicy = ({
  baseUrl,
  removals = MANY,
}: {
  baseUrl: string;
  removals?: number | undefined;
}): string => `  target:
    type: scim
    baseUrl: ${baseUrl}
    auth: { type: bearer, token: { env: SP_TOKEN } }
    timeout: 3s
    allowInsecure: true
  policy:
    users: { remove: delete, createDisabled: true }
    guard: { removals: { max: ${removals}, percent: 0, window: 1h } }
    retry: { initial: 200ms, max: 2s }`;

/**
 * An SP connection with short waits, so that a run does not have to outwait them: what is tested is what happens and not how long it is
 * waited for.
 */
export const connectionDocument = (o: ChaosConnection): string => `apiVersion: provisor/v1
kind: SpConnection
metadata: { name: ${o.name} }
spec:
${targetAndPolicy(o)}
${o.requestsPerSecond === undefined ? '' : `  limits: { requestsPerSecond: ${o.requestsPerSecond}, burst: ${o.burst ?? 1} }\n`}  channels:
    - name: staff
      dataStore: ${DATA_STORE}
      users: { base: "${o.people ?? PEOPLE_DN}", filter: "(!(employeeType=external))" }
      groups: { base: "${GROUPS_DN}" }
      attributes:
        userName: uid
        name.givenName: givenName
        name.familyName: sn
        displayName: { expression: "attr.displayName[0]" }
        emails[type eq "work"].value: mail
        title: title
        urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department: departmentNumber
        ${MASKED_PATH}: { source: employeeNumber, masked: true }
        urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager: { reference: manager }
`;

/** A data store in which change capture finds nobody: what is told of it comes from an emitter. */
export const EMITTER = 'emitter';

export const emitterDocuments = (o: {
  readonly name: string;
  readonly baseUrl: string;
  readonly url: string;
  readonly bindDn: string;
}): string => `apiVersion: provisor/v1
kind: DataStore
metadata: { name: ${EMITTER} }
spec:
  type: ldap
  url: ${o.url}
  bind: { dn: "${o.bindDn}", password: { env: DIRECTORY_PASSWORD } }
  baseDn: "${PEOPLE_DN}"
  users: { filter: "(uid=nobody at all)" }
  groups: { filter: "(cn=none at all)" }
---
apiVersion: provisor/v1
kind: SpConnection
metadata: { name: ${o.name} }
spec:
${targetAndPolicy(o)}
  channels:
    - name: emitted
      dataStore: ${EMITTER}
      users: {}
      attributes: { userName: uid, name.familyName: sn, title: title }
`;
