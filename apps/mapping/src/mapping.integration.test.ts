import { provisioningDeadLetters, provisioningResults, type ProvisioningCommand } from '@provisor/contracts';
import { openValue } from '@provisor/host';
import type { ReceivedRecord } from '@provisor/kafka';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { channel, group, user } from './examples.fixture.js';
import { until } from '@provisor/testing';
import { MappingBench } from './mapping.fixture.js';

let bench: MappingBench;
beforeEach(async () => {
  bench = await new MappingBench().open();
});
afterEach(() => bench.close());

const told = (records: readonly ReceivedRecord<ProvisioningCommand>[]): string[] =>
  records.map(({ value }) => `${value?.objectId} ${value?.version.sequence}.${value?.version.config} ${value?.reason}`);

describe('mapping', () => {
  it('turns a change into a command with its id, key and trace, and an unmapped attribute into none', async () => {
    const version = await bench.configure('slack');
    await bench.start();
    await bench.change(user('jane', 1));
    await until('the command', async () => (await bench.commands()).length === 1);
    await bench.change(user('jane', 2, { attributes: { uid: ['jane'], sn: ['Doe'], description: ['new'] } }));
    await bench.settled();
    const [command, ...others] = await bench.commands();
    expect(others).toEqual([]);
    expect(command).toMatchObject({
      key: 'slack',
      eventId: `slack:jane:1.${version}`,
      value: {
        spConnection: 'slack',
        channel: 'staff',
        desired: { presence: 'active', attributes: { userName: 'jane', 'name.familyName': 'Doe' } },
        reason: 'entered-scope',
      },
    });
    expect(command?.traceparent).toMatch(/^00-[0-9a-f]{32}-/);
    await bench.change(user('jane', 3, { attributes: { uid: ['jane'], sn: ['Roe'] } }));
    await bench.settled();
    expect(told(await bench.commands())).toEqual([
      `jane 1.${version} entered-scope`,
      `jane 3.${version} attribute-changed`,
    ]);
  });

  it('tells nothing again when everything is replayed from the first offset', async () => {
    await bench.configure('slack');
    const service = await bench.start();
    await bench.change(...Array.from({ length: 40 }, (_, n) => user(`u${n}`, 1)));
    // Changes of one object within a batch fold; these two are to be told apart.
    await bench.settled();
    await bench.change(user('u1', 2, { dn: 'uid=u1,ou=left,dc=corp' }), user('u2', 2, { state: 'deleted' }));
    await bench.settled();
    const before = told(await bench.commands());
    expect(before).toHaveLength(42);
    await bench.stop(service);
    await bench.kafka.admin().forgetGroups(['provisor.mapping']);
    await bench.start();
    await bench.settled();
    expect(told(await bench.commands())).toEqual(before);
  });

  it('evaluates all objects anew when the configuration changes, or comes after the objects', async () => {
    await bench.start();
    await bench.change(user('jane', 1), user('john', 1), user('gone', 1));
    await bench.change(user('gone', 2, { state: 'deleted' }));
    await bench.settled();
    const first = await bench.configure('slack');
    await bench.settled();
    expect(told(await bench.commands()).sort()).toEqual([
      `jane 1.${first} entered-scope`,
      `john 1.${first} entered-scope`,
    ]);
    const second = await bench.configure('slack', {
      channels: [channel({ attributes: { userName: 'uid', 'name.familyName': { source: 'sn', case: 'upper' } } })],
    });
    await bench.settled();
    const commands = (await bench.commands()).slice(2);
    expect(told(commands).sort()).toEqual([
      `jane 1.${second} configuration-changed`,
      `john 1.${second} configuration-changed`,
    ]);
    expect(commands[0]?.value?.lane).toBe('bulk');
    expect(commands[0]?.value?.desired.attributes).toMatchObject({ 'name.familyName': 'DOE' });
    const third = await bench.configure('slack', { channels: [channel({ users: { filter: '(uid=jane)' } })] });
    await bench.settled();
    const last = (await bench.commands()).slice(4);
    expect(told(last)).toEqual([
      ...(last.length === 2 ? [`jane 1.${third} configuration-changed`] : []),
      `john 1.${third} left-scope`,
    ]);
  });

  it('tells leavers that they left, by policy and once', async () => {
    await bench.configure('slack');
    await bench.start();
    await bench.change(user('jane', 1), user('john', 1));
    await bench.settled();
    await bench.change(user('jane', 2, { dn: 'uid=jane,ou=left,dc=corp' }), user('john', 2, { state: 'deleted' }));
    await bench.settled();
    await bench.change(user('jane', 3, { state: 'deleted' }));
    await bench.settled();
    const leavers = (await bench.commands()).slice(2).map(({ value }) => value);
    expect(leavers.map((c) => `${c?.objectId} ${c?.reason} ${c?.desired.presence} ${c?.lane}`).sort()).toEqual([
      'jane left-scope disabled leaver',
      'john deleted disabled leaver',
    ]);
  });

  it('waits for a group that a scope names, evaluates when it is found, and follows it through a rename', async () => {
    const version = await bench.configure('slack', {
      channels: [channel({ users: { groups: ['CN=Slack, ou=groups,dc=corp'] } })],
    });
    const service = await bench.start();
    await bench.change(user('jane', 1, { memberOf: ['g1'] }), user('john', 1));
    await bench.settled();
    expect(await bench.commands()).toEqual([]);
    expect((await service.health()).details).toMatchObject({ unknownGroups: [{ spConnections: ['slack'] }] });
    await bench.change(group('g1', 1, 'slack'));
    await until('the evaluation', async () => (await bench.commands()).length > 0);
    await bench.settled();
    expect(told(await bench.commands())).toEqual([`jane 1.${version} entered-scope`]);
    expect((await service.health()).details).toMatchObject({ unknownGroups: [] });
    await bench.change(group('g1', 2, 'renamed'), user('john', 2, { memberOf: ['g1'] }));
    await bench.settled();
    await bench.change(user('jane', 2));
    await bench.settled();
    expect(told(await bench.commands()).slice(1)).toEqual([
      `john 2.${version} entered-scope`,
      `jane 2.${version} left-scope`,
    ]);
  });

  it('buries a broken record and reports an object that cannot be mapped; their neighbours go on', async () => {
    const version = await bench.configure('slack', {
      channels: [channel({ attributes: { userName: 'uid', title: { expression: 'attr.title[0]' } } })],
    });
    await bench.start();
    await bench.change(user('fine1', 1, { attributes: { uid: ['fine1'], title: ['Dr'] } }), user('untitled', 1));
    await bench.raw('corp:broken', '{"dataStore":"corp"');
    await bench.raw('corp:wrong', '{"dataStore":"corp"}');
    await bench.change(user('fine2', 1, { attributes: { uid: ['fine2'], title: ['Dr'] } }));
    await bench.settled();
    const commands = told(await bench.commands());
    expect(commands.sort()).toEqual([`fine1 1.${version} entered-scope`, `fine2 1.${version} entered-scope`]);
    const letters = await bench.read(provisioningDeadLetters);
    expect(letters.map(({ value }) => [value?.stage, value?.cause.code, value?.origin.topic]).sort()).toEqual([
      ['mapping', 'record.not-json', 'identity.changes.v1'],
      ['mapping', 'record.schema', 'identity.changes.v1'],
    ]);
    const results = new Map((await bench.read(provisioningResults)).map(({ value }) => [value?.id, value]));
    expect([...results.values()]).toMatchObject([
      {
        id: `mapping:slack:untitled:1.${version}`,
        objectId: 'untitled',
        outcome: 'rejected',
        code: 'mapping.expression-failed',
      },
    ]);
    await bench.change(user('untitled', 2, { attributes: { uid: ['untitled'], title: ['Prof'] } }));
    await bench.settled();
    expect(told(await bench.commands())).toContain(`untitled 2.${version} entered-scope`);
  });

  it('seals masked values, and without a key stops only the SP connection that masks', async () => {
    const masking = {
      channels: [channel({ attributes: { userName: 'uid', nickName: { source: 'sn', masked: true } } })],
    };
    await bench.configure('plain');
    await bench.configure('masking', masking);
    const without = await bench.start();
    await bench.change(user('jane', 1));
    await bench.settled();
    expect((await bench.commands()).map(({ value }) => value?.spConnection)).toEqual(['plain']);
    expect((await without.health()).details).toMatchObject({
      spConnections: expect.arrayContaining([
        expect.objectContaining({ name: 'masking', state: 'unusable' }),
      ]) as unknown,
    });
    await bench.stop(without);
    const key = randomBytes(32);
    await bench.start({ PROVISOR_KEY: key.toString('base64url') });
    await until('the evaluation that was missed', async () => (await bench.commands()).length === 2);
    const command = (await bench.commands()).find(({ value }) => value?.spConnection === 'masking')?.value;
    const value = command?.desired.attributes?.['nickName'];
    expect(JSON.stringify(value)).not.toContain('Doe');
    expect(await openValue(value as { sealed: string; digest: string }, key)).toBe('Doe');
  });

  it('tells a removed or inactive SP connection nothing, and leaves its accounts alone', async () => {
    await bench.configure('slack');
    await bench.configure('other');
    await bench.start();
    await bench.change(user('jane', 1));
    await bench.settled();
    await bench.configure('other', { active: false });
    await bench.removeConfiguration('slack');
    await until('the removal', async () => {
      const rows = await bench.database.query<{ removed: boolean }>('select removed from connections where removed');
      return rows.length === 1;
    });
    await bench.settled();
    await bench.change(user('jane', 2, { state: 'deleted' }));
    await bench.settled();
    expect((await bench.commands()).map(({ value }) => value?.reason)).toEqual(['entered-scope', 'entered-scope']);
  });

  it('shares the work between two replicas and loses nothing when one of them goes', async () => {
    const version = await bench.configure('slack');
    const first = await bench.start();
    await bench.start();
    const users = Array.from({ length: 600 }, (_, n) => `u${n}`);
    await bench.change(...users.map((id) => user(id, 1)));
    await bench.stop(first);
    await bench.change(...users.map((id) => user(id, 2, { attributes: { uid: [id], sn: ['Roe'] } })));
    const next = await bench.configure('slack', { channels: [channel({ attributes: { userName: 'sn' } })] });
    await bench.settled();
    const last = new Map((await bench.commands()).map(({ value }) => [value?.objectId, value]));
    expect([...last.values()].filter((c) => c?.version.sequence === 2 && c.version.config === next)).toHaveLength(600);
    expect(version).toBeLessThan(next);
  });
});
