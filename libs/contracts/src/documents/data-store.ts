import { z } from 'zod';
import { name } from '../messages/values.js';
import { duration } from './duration.js';
import { secretReference } from './secret.js';

const metadata = z.strictObject({ name, labels: z.record(z.string(), z.string()).optional() });
export { metadata };

/** How the data store says that an account is enabled. */
export const accountStatus = z.discriminatedUnion('rule', [
  /** Attribute equals `value` → status `enabledWhenEqual`, otherwise the opposite; `default` where the attribute is missing. */
  z.strictObject({
    rule: z.literal('flag'),
    attribute: z.string().min(1),
    value: z.string().default('true'),
    enabledWhenEqual: z.boolean().default(false),
    default: z.boolean().default(true),
  }),
  /** Bit mask, such as userAccountControl with 2. Set bit = disabled. */
  z.strictObject({
    rule: z.literal('bitmask'),
    attribute: z.string().min(1),
    mask: z.int().positive().default(2),
    default: z.boolean().default(true),
  }),
]);
export type AccountStatus = z.infer<typeof accountStatus>;

const ldap = z.strictObject({
  /** `ldap` finds the best feed by itself; the others name what is there. */
  type: z.enum(['ldap', 'openldap', 'active-directory']),
  url: z.url({ protocol: /^ldaps?$/ }).describe('ldap:// or ldaps:// URL of the directory'),
  startTls: z.boolean().default(false),
  /** PEM file with the certificate authorities to trust; the system's where absent. */
  caFile: z.string().optional(),
  bind: z.strictObject({ dn: z.string().min(1), password: secretReference }).optional(),
  baseDn: z.string().min(1),
  /**
   * How changes are found. `changelog`: cn=changelog (draft-good-ldap-changelog). `poll`: modify timestamps.
   * `auto`: changelog where the root DSE offers it.
   */
  feed: z.enum(['auto', 'changelog', 'poll']).default('auto'),
  changelogBase: z.string().default('cn=changelog'),
  /** Pause between two looks at the change log, or between two timestamp polls. */
  interval: duration.optional(),
  /** Pause between two full comparisons. */
  compareEvery: duration.default('6h'),
  pageSize: z.int().min(1).max(10_000).default(500),
  timeout: duration.default('30s'),
  idAttribute: z.string().default('entryUUID'),
  timestampAttribute: z.string().default('modifyTimestamp'),
  users: z
    .strictObject({ filter: z.string().default('(objectClass=inetOrgPerson)'), base: z.string().optional() })
    .prefault({}),
  groups: z
    .strictObject({
      filter: z.string().default('(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames))'),
      base: z.string().optional(),
      memberAttributes: z.array(z.string()).default(['member', 'uniqueMember']),
    })
    .prefault({}),
  accountStatus: accountStatus.optional(),
  /** Attributes whose values are DNs of other objects. */
  referenceAttributes: z.array(z.string()).default(['manager']),
  /** Never read, whatever is mapped. */
  excludeAttributes: z.array(z.string()).default(['userPassword']),
  /** Removals are stopped when a full comparison misses more than this share of the known objects. */
  health: z
    .strictObject({
      maxMissingPercent: z.number().min(0).max(100).default(10),
      maxMissing: z.int().nonnegative().default(50),
    })
    .prefault({}),
});
export type LdapDataStoreSpec = z.infer<typeof ldap>;

export const dataStoreSpec = z.discriminatedUnion('type', [ldap]);
export type DataStoreSpec = z.infer<typeof dataStoreSpec>;

export const dataStore = z.strictObject({
  apiVersion: z.literal('provisor/v1'),
  kind: z.literal('DataStore'),
  metadata,
  spec: dataStoreSpec,
});
export type DataStore = z.infer<typeof dataStore>;
