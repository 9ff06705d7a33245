import { z } from 'zod';
import { name } from '../messages/values.js';
import { duration } from './duration.js';
import { secretReference } from './secret.js';

const metadata = z.strictObject({
  name,
  labels: z.record(z.string(), z.string()).optional().describe('labels for people and for selecting documents'),
});
export { metadata };

/** How the data store says that an account is enabled. */
export const accountStatus = z.discriminatedUnion('rule', [
  z.strictObject({
    rule: z.literal('flag').describe('the attribute is compared with a text'),
    attribute: z.string().min(1).describe('the name of a source attribute'),
    value: z.string().default('true').describe('the text with which the attribute is compared'),
    enabledWhenEqual: z
      .boolean()
      .default(false)
      .describe('status where the attribute equals the text; otherwise the opposite'),
    default: z.boolean().default(true).describe('status where the attribute is missing; true is enabled'),
  }),
  z.strictObject({
    rule: z.literal('bitmask').describe('a bit of a number; where it is set, the account is disabled'),
    attribute: z.string().min(1).describe('the name of a source attribute, such as userAccountControl'),
    mask: z.int().positive().default(2).describe('the bit'),
    default: z.boolean().default(true).describe('status where the attribute is missing; true is enabled'),
  }),
]);
export type AccountStatus = z.infer<typeof accountStatus>;

const ldap = z.strictObject({
  type: z
    .enum(['ldap', 'openldap', 'active-directory'])
    .describe('the kind of directory; ldap finds the best feed by itself'),
  url: z.url({ protocol: /^ldaps?$/ }).describe('ldap:// or ldaps:// URL of the directory'),
  startTls: z.boolean().default(false).describe('TLS is begun on an ldap:// connection (RFC 4511 StartTLS)'),
  caFile: z
    .string()
    .optional()
    .describe('a PEM file with the certificate authorities to trust; those of the system where absent'),
  bind: z
    .strictObject({ dn: z.string().min(1).describe('the DN to log in with'), password: secretReference })
    .optional()
    .describe('log-in; anonymous where absent'),
  baseDn: z.string().min(1).describe('the DN below which everything is read'),
  feed: z
    .enum(['auto', 'changelog', 'poll'])
    .default('auto')
    .describe(
      'how changes are found. changelog: cn=changelog (draft-good-ldap-changelog); poll: modify timestamps; auto: changelog where the root DSE offers it',
    ),
  changelogBase: z.string().default('cn=changelog').describe('the DN of the change log'),
  interval: duration
    .optional()
    .describe(
      'pause between two looks at the change log (50ms unless given, and less while changes come), or between two timestamp polls (5s)',
    ),
  compareEvery: duration.default('6h').describe('pause between two full comparisons'),
  pageSize: z.int().min(1).max(10_000).default(500).describe('entries per page (RFC 2696)'),
  timeout: duration.default('30s').describe('longest wait for an answer'),
  idAttribute: z.string().default('entryUUID').describe('the attribute with the immutable id of an entry'),
  timestampAttribute: z
    .string()
    .default('modifyTimestamp')
    .describe('the attribute with the time of the last modification'),
  users: z
    .strictObject({
      filter: z.string().default('(objectClass=inetOrgPerson)').describe('an LDAP filter that finds users'),
      base: z.string().optional().describe('a DN below which users are; baseDn where absent'),
    })
    .prefault({})
    .describe('which entries are users'),
  groups: z
    .strictObject({
      filter: z
        .string()
        .default('(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames))')
        .describe('an LDAP filter that finds groups'),
      base: z.string().optional().describe('a DN below which groups are; baseDn where absent'),
      memberAttributes: z
        .array(z.string())
        .default(['member', 'uniqueMember'])
        .describe('attributes of a group that name its members'),
    })
    .prefault({})
    .describe('which entries are groups'),
  accountStatus: accountStatus
    .optional()
    .describe('how an entry says that its account is enabled; every account counts as enabled where absent'),
  referenceAttributes: z
    .array(z.string())
    .default(['manager'])
    .describe('attributes whose values are DNs of other objects'),
  excludeAttributes: z
    .array(z.string())
    .default(['userPassword'])
    .describe('attributes that are never read, whatever is mapped'),
  health: z
    .strictObject({
      maxMissingPercent: z
        .number()
        .min(0)
        .max(100)
        .default(10)
        .describe('removals stop when a full comparison misses more than this share of the known objects'),
      maxMissing: z.int().nonnegative().default(50).describe('removals never stop for so few missing objects'),
    })
    .prefault({})
    .describe('when a read that lacks objects is not believed'),
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
