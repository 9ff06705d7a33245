import { BASE_DN, PEOPLE_DN } from '@provisor/demo';

export const DATA_STORE = 'directory';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** Source attributes of the 20 that are mapped, and one that nobody maps. */
export const UNMAPPED = 'description';

/** A directory in which an account is disabled by its employee type. */
export const dataStoreDocument = (o: { url: string; bindDn: string }): string => `apiVersion: provisor/v1
kind: DataStore
metadata: { name: ${DATA_STORE} }
spec:
  type: ldap
  url: ${o.url}
  bind: { dn: "${o.bindDn}", password: { env: DIRECTORY_PASSWORD } }
  baseDn: ${BASE_DN}
  accountStatus: { rule: flag, attribute: employeeType, value: left }
`;

export interface SpConnectionOptions {
  readonly name: string;
  readonly baseUrl: string;
  readonly concurrency?: number;
  /** More keys of `limits`, such as `requestsPerSecond: 30`. */
  readonly limits?: string;
  /** Keys of the vendor profile, in YAML's flow style. */
  readonly profile?: string;
  /** The expression of the displayed name. */
  readonly displayName?: string;
  /** A plain group mapping beside that of users. */
  readonly groups?: boolean;
}

/** An SP connection that takes everybody, with twenty mapped attributes; nothing is held, because nobody is there to approve it. */
export const spConnectionDocument = (o: SpConnectionOptions): string => `apiVersion: provisor/v1
kind: SpConnection
metadata: { name: ${o.name} }
spec:
  target:
    type: scim
    baseUrl: ${o.baseUrl}
    auth: { type: bearer, token: { env: SP_TOKEN } }
    allowInsecure: true
${o.profile === undefined ? '' : `    profile: ${o.profile}\n`}  policy:
    users: { remove: disable, createDisabled: true }
    guard: { removals: { max: 10000000, percent: 100 } }
  limits: { concurrency: ${o.concurrency ?? 64}${o.limits === undefined ? '' : `, ${o.limits}`} }
  channels:
    - name: staff
      dataStore: ${DATA_STORE}
      users: { base: "${PEOPLE_DN}", filter: "(employeeType=staff)" }
${o.groups === true ? `      groups: {}\n` : ''}      attributes:
        userName: uid
        name.givenName: givenName
        name.familyName: sn
        name.formatted: { expression: "attr.givenName[0] + ' ' + attr.sn[0]" }
        displayName: { expression: "${o.displayName ?? "attr.displayName[0] + ' / ' + attr.departmentNumber[0]"}" }
        nickName: initials
        title: title
        userType: employeeType
        preferredLanguage: preferredLanguage
        locale: { expression: "attr.preferredLanguage[0].startsWith('de') ? 'de' : 'en'" }
        emails[type eq "work"].value: mail
        phoneNumbers[type eq "work"].value: telephoneNumber
        phoneNumbers[type eq "mobile"].value: mobile
        addresses[type eq "work"].streetAddress: street
        addresses[type eq "work"].postalCode: postalCode
        addresses[type eq "work"].locality: l
        addresses[type eq "work"].region: st
        ${ENTERPRISE}:employeeNumber: employeeNumber
        ${ENTERPRISE}:department: departmentNumber
        ${ENTERPRISE}:costCenter: roomNumber
`;
