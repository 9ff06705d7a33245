import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeProblem, readConfiguration, type ReadConfigurationOptions } from './read-configuration.js';

const DATA_STORE = `apiVersion: provisor/v1
kind: DataStore
metadata: { name: corp-ldap }
spec:
  type: ldap
  url: ldaps://ldap.corp.example
  bind: { dn: "cn=reader", password: { env: LDAP_PASSWORD } }
  baseDn: dc=corp,dc=example
`;
const CONNECTION = `apiVersion: provisor/v1
kind: SpConnection
metadata: { name: slack-prod }
spec:
  target:
    type: scim
    baseUrl: https://scim.example/v2
    auth: { type: bearer, token: { env: SLACK_TOKEN } }
  channels:
    - name: staff
      dataStore: corp-ldap
      users: { base: "ou=people,dc=corp,dc=example" }
      attributes:
        userName: uid
        emails[type eq "work"].value: { source: mail, trim: true }
`;
const complaints = (text: string, options: ReadConfigurationOptions = {}): string[] =>
  readConfiguration(text, { file: 'sp.yaml', ...options }).problems.map(describeProblem);
const changed = (from: string, to: string): string[] => {
  expect(CONNECTION).toContain(from);
  return complaints(CONNECTION.replace(from, to));
};

describe('reading', () => {
  test('documents come in order with their defaults', () => {
    const { documents, problems } = readConfiguration(`${DATA_STORE}---\n${CONNECTION}---\n`);
    expect(problems).toEqual([]);
    expect(documents.map(({ kind }) => kind)).toEqual(['DataStore', 'SpConnection']);
    expect(documents[1]).toMatchObject({
      spec: { active: true, policy: { users: { remove: 'disable' } }, channels: [{ memberships: true }] },
    });
  });

  test('JSON is read as well, one document or a list', () => {
    const { documents } = readConfiguration(CONNECTION);
    expect(readConfiguration(JSON.stringify(documents[0])).documents).toEqual(documents);
    expect(readConfiguration(JSON.stringify([documents[0]], null, 2)).documents).toEqual(documents);
  });

  test('an empty file has no documents and no problems', () => {
    expect(readConfiguration('# nothing\n---\n')).toMatchObject({ documents: [], problems: [] });
  });

  test('a problem in one document leaves the others', () => {
    const { documents, problems } = readConfiguration(`${DATA_STORE}---\nkind: SpConnection\n`);
    expect(documents).toHaveLength(1);
    expect(problems.length).toBeGreaterThan(0);
  });

  test('later findings can be given a place', () => {
    const read = readConfiguration(CONNECTION, { file: 'sp.yaml' });
    const [document] = read.documents;
    if (document === undefined) throw new Error('no document');
    const place = (path: string) => read.problemAt(document, { path, message: 'm', expected: 'e' });
    expect(place('spec.channels[0].attributes["emails[type eq \\"work\\"].value"].source')).toMatchObject({
      file: 'sp.yaml',
      line: 15,
      column: 49,
    });
    expect(place('spec.channels[0].users.filter')).toMatchObject({ line: 12 });
  });
});

describe('complaints that a person understands', () => {
  test('a value of the wrong form', () => {
    expect(changed('https://scim.example/v2', 'htp://x')).toEqual([
      'sp.yaml:7:14 spec.target.baseUrl: expected http:// or https:// base URL of the SCIM service, got "htp://x"',
    ]);
  });

  test('an unknown key, with the key that was meant', () => {
    expect(changed('dataStore:', 'datastore:')).toEqual([
      'sp.yaml:10:7 spec.channels[0].dataStore: missing; expected the name of a data store',
      'sp.yaml:11:7 spec.channels[0].datastore: unknown key "datastore"; did you mean "dataStore"?',
    ]);
  });

  test('an unknown key of a rule', () => {
    expect(changed('trim: true', 'trimm: true')).toEqual([
      'sp.yaml:15:55 spec.channels[0].attributes["emails[type eq \\"work\\"].value"].trimm: unknown key "trimm"; did you mean "trim"?',
    ]);
  });

  test('a rule without a source', () => {
    expect(changed('{ source: mail, trim: true }', '{ sorce: mail }')[0]).toBe(
      'sp.yaml:15:41 spec.channels[0].attributes["emails[type eq \\"work\\"].value"].sorce: unknown key "sorce"; did you mean "source"?',
    );
  });

  test('a wrong choice, with the one that was meant', () => {
    expect(changed('type: scim', 'type: scimm')).toEqual([
      'sp.yaml:6:11 spec.target.type: expected "scim", got "scimm"; did you mean "scim"?',
    ]);
    expect(changed('kind: SpConnection', 'kind: SpConection')).toEqual([
      'sp.yaml:2:7 kind: expected one of "DataStore", "SpConnection", got "SpConection"; did you mean "SpConnection"?',
    ]);
  });

  test('something that is missing', () => {
    expect(changed('    baseUrl: https://scim.example/v2\n', '')).toEqual([
      'sp.yaml:6:5 spec.target.baseUrl: missing; expected http:// or https:// base URL of the SCIM service',
    ]);
  });

  test('a wrong type', () => {
    expect(changed('trim: true', 'trim: 3')).toEqual([
      'sp.yaml:15:61 spec.channels[0].attributes["emails[type eq \\"work\\"].value"].trim: expected true or false, got 3',
    ]);
    expect(changed('channels:\n', 'limits: { concurrency: 0 }\n  channels:\n')).toEqual([
      'sp.yaml:9:26 spec.limits.concurrency: expected a number of at least 1, got 0',
    ]);
  });

  test('a duration', () => {
    expect(changed('channels:\n', 'policy: { retry: { max: 5 minutes } }\n  channels:\n')).toEqual([
      'sp.yaml:9:27 spec.policy.retry.max: expected a duration such as 250ms, 30s, 5m, 1h or 7d, got "5 minutes"',
    ]);
  });

  test('a secret in clear is refused without showing it', () => {
    const [complaint] = changed('{ env: SLACK_TOKEN }', 'xoxb-1234');
    expect(complaint).toBe(
      'sp.yaml:8:34 spec.target.auth.token: expected a secret as { env: NAME }, { file: PATH } or { secret: STORED_NAME }, got text (not shown)',
    );
  });

  test('a name that is given twice', () => {
    expect(complaints(`${DATA_STORE}---\n${DATA_STORE}`)).toEqual([
      'sp.yaml:12:19 metadata.name: there is another DataStore "corp-ldap", at line 3',
    ]);
  });

  test('a data store that is not there, where the file is all there is', () => {
    expect(complaints(CONNECTION)).toEqual([]);
    expect(complaints(CONNECTION, { complete: true })).toEqual([
      'sp.yaml:11:18 spec.channels[0].dataStore: there is no data store "corp-ldap" in this file',
    ]);
    expect(
      complaints(`${DATA_STORE.replace('name: corp-ldap', 'name: corp-ldp')}---\n${CONNECTION}`, { complete: true }),
    ).toEqual([
      'sp.yaml:20:18 spec.channels[0].dataStore: there is no data store "corp-ldap" in this file; did you mean "corp-ldp"?',
    ]);
  });

  test('what is not YAML', () => {
    expect(complaints('kind: [1, 2\nname: x')[0]).toMatch(/^sp\.yaml:2:\d+ this is not YAML: /);
    expect(complaints('a: 1\na: 2')[0]).toMatch(/^sp\.yaml:2:1 this is not YAML: Map keys must be unique/);
    expect(complaints('- just text')).toEqual([
      'sp.yaml:1:3 expected a document with apiVersion, kind, metadata and spec',
    ]);
  });
});

describe('bounds', () => {
  test('a file that is too long is not read', () => {
    expect(complaints('x'.repeat(101), { maxLength: 100 })).toEqual([
      'sp.yaml:1:1 the file has 101 characters; expected at most 100 characters',
    ]);
  });

  test('aliases do not blow up', () => {
    const levels = Array.from(
      { length: 12 },
      (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level},`.repeat(9)}]`,
    );
    expect(complaints(`a0: &a0 x\n${levels.join('\n')}`)[0]).toMatch(/this cannot be read/);
  });

  test('text of any kind gives problems or documents, and never throws', () => {
    const pieces = fc.constantFrom(
      'kind',
      ': ',
      'DataStore',
      '\n',
      '  ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '&a ',
      '*a',
      '"',
      "'",
      '|',
      '---\n',
      'spec',
      '!!int',
      '#',
      '\t',
      'x',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        readConfiguration(parts.join(''), { complete: true }).problems.map(describeProblem);
      }),
      { numRuns: 300 },
    );
  });
});
