import { describe, expect, it } from 'vitest';
import type { ProvisioningCommand } from '@provisor/contracts';
import { foldCommands, type IngestedCommand, type KnownObject } from './fold-commands.js';
import { keyOf, type TargetObject } from './target-object.js';

const NOW = 1_700_000_000_000;
const at = new Date(NOW).toISOString();

const command = (offset: number, sequence: number, more: Partial<ProvisioningCommand> = {}): IngestedCommand => ({
  offset,
  command: {
    spConnection: 'sp',
    channel: 'staff',
    objectId: 'ada',
    dataStore: 'corp',
    objectType: 'user',
    version: { sequence, config: 1 },
    desired: { presence: 'active', attributes: { userName: `v${sequence}` } },
    reason: 'test',
    lane: 'delta',
    occurredAt: at,
    mappedAt: at,
    ...more,
  },
});
const fold = (known: readonly KnownObject[], ...commands: IngestedCommand[]) =>
  foldCommands(new Map(known.map((one) => [keyOf(one.object), one])), commands, NOW);
const knownAfter = (commands: IngestedCommand[], more: Partial<TargetObject> = {}): KnownObject => {
  const [row] = fold([], ...commands).changed;
  if (row === undefined) throw new Error('No row.');
  return { ...row, object: { ...row.object, ...more } };
};

describe('foldCommands', () => {
  it('lets the newest version of a batch win and supersedes the others once each', () => {
    const folded = fold([], command(1, 1), command(2, 2), command(3, 3));
    expect(folded.changed.map(({ object }) => object.version.sequence)).toEqual([3]);
    expect(folded.superseded.map(({ version, by }) => [version.sequence, by.sequence])).toEqual([
      [1, 2],
      [2, 3],
    ]);
  });

  it('compares the configuration second', () => {
    const newer = command(2, 1, { version: { sequence: 1, config: 2 } });
    expect(fold([knownAfter([command(1, 1)])], newer).changed).toHaveLength(1);
    const older = command(2, 1, { version: { sequence: 1, config: 0 } });
    expect(fold([knownAfter([command(1, 1)])], older).changed).toHaveLength(0);
  });

  it('takes what was taken in before for a replay, without a result', () => {
    const known = knownAfter([command(1, 1), command(2, 2)], { state: 'done' });
    const folded = fold([known], command(1, 1), command(2, 2));
    expect(folded).toMatchObject({ changed: [], superseded: [], replayed: 2 });
  });

  it('knows which versions never stood in a row, and takes a late one that is read again for a replay', () => {
    const known = knownAfter([command(1, 5)], { state: 'done' });
    const folded = fold([known], command(2, 4), command(3, 6), command(4, 7), command(5, 3));
    expect(folded.passing).toEqual(new Map([['sp', 3]]));
    expect(folded.changed[0]?.sourceOffset).toBe(5);
    const late = fold([known], command(2, 4));
    expect(late.seen.map(({ sourceOffset }) => sourceOffset)).toEqual([2]);
    expect(fold(late.seen, command(2, 4))).toMatchObject({ superseded: [], replayed: 1 });
    expect(fold(late.seen, command(2, 4)).passing.size).toBe(0);
  });

  it('lets whoever loses an account go first, whatever lane the command names', () => {
    const applied = { presence: 'active' as const, attributes: {} };
    const known = knownAfter([command(1, 1)], { state: 'done', targetId: 't', applied });
    const lane = (presence: 'disabled' | 'absent' | 'active') =>
      fold([known], command(2, 2, { desired: { presence }, lane: 'bulk' })).changed[0]?.object.lane;
    expect([lane('disabled'), lane('absent'), lane('active')]).toEqual(['leaver', 'leaver', 'bulk']);
  });

  it('records a version that comes late as superseded', () => {
    const folded = fold([knownAfter([command(1, 5)], { state: 'done' })], command(2, 4));
    expect(folded.superseded.map(({ version }) => version.sequence)).toEqual([4]);
    expect(folded.changed).toEqual([]);
  });

  it('supersedes nothing that has its terminal result, and releases a hold', () => {
    for (const state of ['done', 'failed', 'skipped'] as const)
      expect(fold([knownAfter([command(1, 1)], { state })], command(2, 2)).superseded).toEqual([]);
    expect(fold([knownAfter([command(1, 1)], { state: 'held' })], command(2, 2)).superseded).toMatchObject([
      { wasHeld: true },
    ]);
  });

  it('keeps the link, what is applied and a begun create', () => {
    const before = knownAfter([command(1, 1)], {
      state: 'done',
      targetId: 't1',
      applied: { presence: 'active', attributes: { userName: 'v1' } },
      createIntended: true,
      attempt: 4,
    });
    const [after] = fold([before], command(2, 2)).changed;
    expect(after?.object).toMatchObject({ targetId: 't1', createIntended: true, attempt: 0, state: 'pending' });
    expect(after?.object.applied).toEqual(before.object.applied);
  });

  it('keeps what a newer command leaves open', () => {
    const first = command(1, 1, { desired: { presence: 'active', attributes: { userName: 'a' }, memberOf: ['g'] } });
    const folded = fold([], first, command(2, 2, { desired: { presence: 'disabled' } }));
    expect(folded.changed[0]?.object.desired).toEqual({ presence: 'disabled', attributes: { userName: 'a' } });
    expect(folded.winners[0]?.command.desired.memberOf).toEqual(['g']);
  });

  it('serves a pending object in the most urgent lane that it was desired in', () => {
    const folded = fold([], command(1, 1, { lane: 'leaver' }), command(2, 2, { lane: 'bulk' }));
    expect(folded.changed[0]?.object.lane).toBe('leaver');
  });
});
