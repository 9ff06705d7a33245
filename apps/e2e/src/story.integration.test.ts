import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { identityChanges, provisioningCommands, provisioningResults, type TopicContract } from '@provisor/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Installation } from './installation/installation.js';

let installation: Installation;

beforeAll(async () => {
  installation = await Installation.open({ users: 40, spConnections: ['intranet'], configured: false });
}, 240_000);
afterAll(() => installation?.close());

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** `provisor` as a person calls it, in the installation's folder. */
function provisor(...args: readonly string[]): Promise<Said> {
  const program = join(
    dirname(createRequire(import.meta.url).resolve('@provisor/cli/package.json')),
    'bin',
    'provisor.mjs',
  );
  const { dir, token } = installation;
  const env = { PATH: process.env['PATH'], PROVISOR_URL: installation.service('admin-api').url, PROVISOR_TOKEN: token };
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { cwd: dir, env }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

describe('the command line', () => {
  test('names file, line, path and what was expected, before anything is stored', async () => {
    const file = join(installation.dir, 'corp.yaml');
    writeFileSync(file, installation.configuration.replace('dataStore: ', 'datastore: '));
    const line =
      readFileSync(file, 'utf8')
        .split('\n')
        .findIndex((text) => text.includes('datastore: ')) + 1;
    const refused = await provisor('apply', '-f', 'corp.yaml');
    expect(refused.code).toBe(1);
    expect(refused.err).toContain(`corp.yaml:${line}:`);
    expect(refused.err).toContain('spec.channels[0].datastore: unknown key "datastore"; did you mean "dataStore"?');
    expect((await installation.admin.listDocuments()).documents).toEqual([]);
  });

  test('applies, and tells state, results and the story of one person', async () => {
    writeFileSync(join(installation.dir, 'corp.yaml'), installation.configuration);
    expect(await provisor('apply', '-f', 'corp.yaml')).toMatchObject({ code: 0, err: '' });
    await installation.untilSettled('intranet');
    const { accounts, tenant } = installation.provider('intranet');

    const status = await provisor('status');
    expect(status).toMatchObject({ code: 0, err: '' });
    const total = accounts + tenant.groups.size;
    expect(status.out).toMatch(new RegExp(`intranet +active +${total} +${total} +0 +0 +0 +-`));
    expect(status.out).toMatch(/corp-directory +ldap +live/);

    const { uid, entryUuid } = installation.organisation.people[0]!;
    const story = await installation.until('the story is complete', async () => {
      const said = await provisor('timeline', 'intranet', uid);
      return said.code === 0 && said.out.includes('applied') && said;
    });
    expect(story.out).toContain(entryUuid);
    expect(story.out).toMatch(/change at the source/);
    expect(story.out).toMatch(/create attempt 1: applied/);
    expect(story.out).toMatch(/now +done/);

    const results = await provisor(
      'results',
      '--connection',
      'intranet',
      '--outcome',
      'applied',
      '-n',
      '1000',
      '-o',
      'json',
    );
    const created = (JSON.parse(results.out) as { operation: string; objectId: string; terminal: boolean }[]).filter(
      ({ operation }) => operation === 'create',
    );
    expect(new Set(created.map(({ objectId }) => objectId)).size).toBe(total);
    expect(created).toHaveLength(total);
  });
});

test('one trace leads from the change at the source to the request that the service provider received', async () => {
  const person = installation.organisation.people.find(({ employeeType }) => employeeType === 'staff')!;
  const { tenant } = installation.provider('intranet');
  const before = tenant.ledger.entries.length;
  await installation.directory.client.replace(person.dn, 'title', 'Traced');
  await installation.until('the change has arrived', () => tenant.user(person.entryUuid)?.['title'] === 'Traced');

  const request = tenant.ledger.entries.slice(before).find(({ method }) => method === 'PATCH');
  const trace = traceOf(request?.traceparent);
  expect(trace).toMatch(/^[0-9a-f]{32}$/);
  expect(await lastTrace(identityChanges, person.entryUuid)).toBe(trace);
  expect(await lastTrace(provisioningCommands('scim'), person.entryUuid)).toBe(trace);
  await installation.until('the result carries it', async () => {
    const { results } = await installation.admin.listResults({ query: { objectId: person.entryUuid, limit: 1 } });
    return results[0]?.operation === 'update' && results[0].traceId === trace;
  });
  expect(await lastTrace(provisioningResults, person.entryUuid)).toBe(trace);
});

const traceOf = (traceparent: string | undefined): string | undefined => traceparent?.split('-')[1];

/** Of the newest record about an object. */
async function lastTrace<T extends { readonly objectId: string }>(
  contract: TopicContract<T>,
  objectId: string,
): Promise<string | undefined> {
  let last: string | undefined;
  await installation.kafka.readToEnd({
    contract,
    handle: async (batch) => {
      for (const { value, traceparent } of batch) if (value?.objectId === objectId) last = traceOf(traceparent);
    },
  });
  return last;
}
