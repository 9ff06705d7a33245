import { Client, type Entry } from 'ldapts';
import { Pool } from 'undici';

/*
 * What somebody would write in an afternoon: everybody who is in the directory becomes an account, 64 requests in flight, and nothing is
 * remembered. No order, no retry, no update, no group, no second run. It is the physical limit rather than a rival.
 */
export interface ScriptSettings {
  readonly ldap: { readonly url: string; readonly bindDn: string; readonly password: string; readonly baseDn: string };
  readonly scim: { readonly baseUrl: string; readonly token: string };
  readonly inFlight: number;
}

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const { ldap, scim, inFlight } = JSON.parse(process.env['BENCH_SCRIPT'] ?? '{}') as ScriptSettings;
const url = new URL(scim.baseUrl);
const pool = new Pool(url.origin, { connections: inFlight });
const open = new Set<Promise<void>>();
let created = 0;

const began = performance.now();
const directory = new Client({ url: ldap.url });
await directory.bind(ldap.bindDn, ldap.password);
const pages = directory.searchPaginated(ldap.baseDn, {
  scope: 'sub',
  filter: '(objectClass=inetOrgPerson)',
  attributes: ['*', 'entryUUID'],
  paged: { pageSize: 500 },
});
for await (const { searchEntries } of pages)
  for (const entry of searchEntries) {
    if (open.size >= inFlight) await Promise.race(open);
    const request: Promise<void> = create(entry).finally(() => open.delete(request));
    open.add(request);
  }
await Promise.all(open);
process.stdout.write(`${JSON.stringify({ created, seconds: (performance.now() - began) / 1000 })}\n`);
await directory.unbind();
await pool.close();

async function create(entry: Entry): Promise<void> {
  const { statusCode, body } = await pool.request({
    method: 'POST',
    path: `${url.pathname}/Users`,
    headers: { authorization: `Bearer ${scim.token}`, 'content-type': 'application/scim+json' },
    body: JSON.stringify(account((name) => [entry[name] ?? ''].flat()[0]?.toString() ?? '')),
  });
  await body.dump();
  if (statusCode === 201) created += 1;
}

function account(of: (name: string) => string): unknown {
  const [given, family, department] = [of('givenName'), of('sn'), of('departmentNumber')];
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', ENTERPRISE],
    externalId: of('entryUUID'),
    userName: of('uid'),
    active: true,
    name: { givenName: given, familyName: family, formatted: `${given} ${family}` },
    displayName: `${of('displayName')} / ${department}`,
    nickName: of('initials'),
    title: of('title'),
    userType: of('employeeType'),
    preferredLanguage: of('preferredLanguage'),
    locale: of('preferredLanguage').startsWith('de') ? 'de' : 'en',
    emails: [{ type: 'work', value: of('mail') }],
    phoneNumbers: [
      { type: 'work', value: of('telephoneNumber') },
      { type: 'mobile', value: of('mobile') },
    ],
    addresses: [
      {
        type: 'work',
        streetAddress: of('street'),
        postalCode: of('postalCode'),
        locality: of('l'),
        region: of('st'),
      },
    ],
    [ENTERPRISE]: { employeeNumber: of('employeeNumber'), department, costCenter: of('roomNumber') },
  };
}
