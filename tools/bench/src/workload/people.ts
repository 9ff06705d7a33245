import { BASE_DN, PEOPLE_DN, Random, uuidOf } from '@provisor/demo';

/** Somebody in the directory: 20 attributes, about 1 KB as LDIF. */
export interface BenchPerson {
  readonly objectId: string;
  readonly dn: string;
  readonly attributes: Readonly<Record<string, string>>;
}

const GIVEN = ['Ada', 'Björn', 'Chiara', 'David', 'Élodie', 'Farid', 'Grace', 'Hiro', 'Ingrid', 'Jonas', 'Kim', 'Lena'];
const FAMILY = ['Okafor', 'Müller', 'Rossi', 'Novák', 'Tanaka', 'García', 'Smith', 'Lindqvist', 'Haddad', 'Dubois'];
const DEPARTMENTS = ['Engineering', 'Sales', 'Support', 'Finance', 'Legal', 'Operations', 'Research', 'People'];
const CITIES = ['Zürich', 'Porto', 'Łódź', 'Gent', 'Aarhus', 'Cork', 'Graz', 'Lyon'];
const TITLES = ['Engineer', 'Manager', 'Analyst', 'Consultant', 'Assistant', 'Architect'];

/** `count` people, the same for the same seed. */
export function people(count: number, seed: string): BenchPerson[] {
  const random = new Random(`${seed}/people`);
  return Array.from({ length: count }, (_, index) => person(index, seed, random));
}

function person(index: number, seed: string, random: Random): BenchPerson {
  const number = String(100_000 + index);
  const uid = `u${number}`;
  const [givenName, sn] = [random.pick(GIVEN), random.pick(FAMILY)];
  const phone = (area: string): string => `+41 ${area} ${String(1_000_000 + random.below(8_999_999))}`;
  return {
    objectId: uuidOf(`${seed}/person/${index}`),
    dn: `uid=${uid},${PEOPLE_DN}`,
    attributes: {
      uid,
      cn: `${givenName} ${sn}`,
      givenName,
      sn,
      displayName: `${givenName} ${sn} (${number})`,
      mail: `${uid}@corp.example`,
      employeeNumber: number,
      employeeType: 'staff',
      departmentNumber: random.pick(DEPARTMENTS),
      title: random.pick(TITLES),
      telephoneNumber: phone('44'),
      mobile: phone('79'),
      street: `${random.pick(FAMILY)}strasse ${1 + random.below(200)}`,
      postalCode: String(1000 + random.below(8999)),
      l: random.pick(CITIES),
      st: random.pick(CITIES),
      roomNumber: `${1 + random.below(9)}.${100 + random.below(99)}`,
      preferredLanguage: random.pick(['de-CH', 'fr-CH', 'it-CH', 'en-GB']),
      initials: `${givenName[0]}${sn[0]}`,
      description:
        `Works on ${random.pick(DEPARTMENTS)} for ${random.pick(CITIES)}, ${'since the beginning '.repeat(3)}`.trim(),
    },
  };
}

/** The directory's content as LDIF (RFC 2849). */
export function toLdif(everybody: readonly BenchPerson[]): string {
  const unit = (dn: string, classes: string, name: string): string =>
    `dn: ${dn}\nentryUUID: ${uuidOf(dn)}\nobjectClass: top\nobjectClass: ${classes}\n${name}\n`;
  return [
    'version: 1\n',
    unit(BASE_DN, 'domain', 'dc: corp'),
    unit(PEOPLE_DN, 'organizationalUnit', 'ou: people'),
    ...everybody.map(entry),
  ].join('\n');
}

const CLASSES = ['top', 'person', 'organizationalPerson', 'inetOrgPerson'].map((name) => `objectClass: ${name}`);

function entry({ dn, objectId, attributes }: BenchPerson): string {
  const lines = [`dn: ${dn}`, `entryUUID: ${objectId}`, ...CLASSES];
  for (const [name, value] of Object.entries(attributes))
    lines.push(`${name}:: ${Buffer.from(value, 'utf8').toString('base64')}`);
  return `${lines.join('\n')}\n`;
}
