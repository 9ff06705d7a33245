import { BASE_DN, GROUPS_DN, PEOPLE_DN } from '../organisation/organisation.js';

export const DATA_STORE = 'corp-directory';
export const SP_CONNECTION = 'intranet';

/** The configuration that the demo applies, as a person would write it. Secrets are named, not written down. */
export const configurationFile = (o: {
  directoryUrl: string;
  bindDn: string;
  providerUrl: string;
  profile: string;
}): string => `# Where the people are.
apiVersion: provisor/v1
kind: DataStore
metadata: { name: ${DATA_STORE} }
spec:
  type: ldap
  url: ${o.directoryUrl}
  bind: { dn: "${o.bindDn}", password: { env: DIRECTORY_PASSWORD } }
  baseDn: ${BASE_DN}
  accountStatus: { rule: flag, attribute: nsAccountLock }   # true: the account is disabled
---
# Who has to know about them, and what.
apiVersion: provisor/v1
kind: SpConnection
metadata: { name: ${SP_CONNECTION} }
spec:
  target:
    type: scim
    baseUrl: ${o.providerUrl}
    auth: { type: bearer, token: { env: INTRANET_TOKEN } }
    vendorProfile: ${o.profile}
    allowInsecure: true                                     # it runs on this machine, without TLS
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
        displayName: { expression: "attr.givenName[0] + ' ' + attr.sn[0]", trim: true }
        emails[type eq "work"].value: mail
        title: title
        urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department: departmentNumber
        urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager: { reference: manager }
`;
