import { BASE_DN, GROUPS_DN, PEOPLE_DN } from '@provisor/demo';

export const DATA_STORE = 'corp-directory';

/** The data store as a person would write it; the password is in the environment of change capture. */
export const dataStoreDocument = (o: { url: string; bindDn: string; more?: string }): string => `apiVersion: provisor/v1
kind: DataStore
metadata: { name: ${DATA_STORE} }
spec:
  type: ldap
  url: ${o.url}
  bind: { dn: "${o.bindDn}", password: { env: DIRECTORY_PASSWORD } }
  baseDn: ${BASE_DN}
  accountStatus: { rule: flag, attribute: nsAccountLock }
${o.more ?? ''}`;

/** An SP connection that gets everybody but external people, and all groups; its token is in the environment of the dispatcher. */
export const spConnectionDocument = (o: { name: string; baseUrl: string }): string => `apiVersion: provisor/v1
kind: SpConnection
metadata: { name: ${o.name} }
spec:
  target:
    type: scim
    baseUrl: ${o.baseUrl}
    auth: { type: bearer, token: { env: SP_TOKEN } }
    allowInsecure: true
  policy:
    users: { remove: delete, createDisabled: true }
  channels:
    - name: staff
      dataStore: ${DATA_STORE}
      users: { base: "${PEOPLE_DN}", filter: "(!(employeeType=external))" }
      groups: { base: "${GROUPS_DN}" }
      attributes:
        userName: uid
        name.givenName: givenName
        name.familyName: sn
        displayName: { expression: "attr.displayName[0]" }
        emails[type eq "work"].value: mail
        title: title
        urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department: departmentNumber
        urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager: { reference: manager }
`;
