import type { IdentityChange, SourceAttributes } from '@provisor/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CompiledConnection } from '../connection/compiled-connection.js';
import { evaluate } from '../evaluation/evaluate.js';
import { exampleConnection, exampleGroups, jane, janeDeleted, staffChannel } from '../example/example.js';
import { compareVersions } from '../version/compare-versions.js';
import {
  decideCommand,
  isKnownVersion,
  type Decision,
  type EvaluationOccasion,
  type PlannedCommand,
} from './decide-command.js';
import type { LedgerEntry } from './ledger-entry.js';

const decide = (
  previous: LedgerEntry | null,
  change: IdentityChange,
  connection: CompiledConnection,
  occasion?: EvaluationOccasion,
): Decision => decideCommand(previous, change, evaluate(change, connection, exampleGroups), connection, occasion);

type Step = readonly [IdentityChange, CompiledConnection, EvaluationOccasion?];

/** The commands that a history leads to, one after the other, and the ledger after it. */
function run(history: readonly Step[], start: LedgerEntry | null = null) {
  let ledger = start;
  const decisions = history.map(([change, connection, occasion]) => {
    const decision = decide(ledger, change, connection, occasion);
    ledger = decision.ledger;
    return decision;
  });
  return {
    decisions,
    ledger,
    commands: decisions.flatMap((decision): PlannedCommand[] =>
      decision.kind === 'command' ? [decision.command] : [],
    ),
  };
}
const reasons = (history: readonly Step[]): string[] =>
  run(history).decisions.map((decision) =>
    decision.kind === 'command' ? decision.command.reason : `none: ${decision.why}`,
  );

const connection = exampleConnection();
const elsewhere = (sequence: number, overrides: Partial<IdentityChange> = {}) =>
  jane({ sequence, dn: 'uid=jdoe,ou=left,dc=corp,dc=example', ...overrides });
const renamed = (sequence: number) => jane({ sequence, attributes: { uid: ['jane.roe'], sn: ['Roe'] } });

describe('what is told', () => {
  test('entering the scope gives a command with the whole desired state', () => {
    const decision = decide(null, jane(), connection);
    expect(decision).toMatchObject({
      kind: 'command',
      command: {
        spConnection: 'slack-prod',
        channel: 'staff',
        objectId: 'id-jane',
        version: { sequence: 1, config: 1 },
        desired: {
          presence: 'active',
          attributes: { userName: 'jdoe', 'name.familyName': 'Doe', externalId: 'id-jane' },
          memberOf: [],
        },
        reason: 'entered-scope',
        lane: 'delta',
      },
    });
  });

  test('a change of an attribute that is not mapped gives none', () => {
    const attributes = { ...jane().attributes, description: ['new'] };
    expect(
      reasons([
        [jane(), connection],
        [jane({ sequence: 2, attributes }), connection],
      ]),
    ).toEqual(['entered-scope', 'none: unchanged']);
  });

  test('a mapped attribute and a membership give one each', () => {
    expect(
      reasons([
        [jane(), connection],
        [renamed(2), connection],
        [{ ...renamed(3), memberOf: ['id-slack'] }, connection],
      ]),
    ).toEqual(['entered-scope', 'attribute-changed', 'attribute-changed']);
  });

  test('somebody who was never in scope gives none, moved or deleted', () => {
    expect(
      reasons([
        [elsewhere(1), connection],
        [janeDeleted(2), connection],
      ]),
    ).toEqual(['none: never-in-scope', 'none: never-in-scope']);
  });

  test('somebody who was deleted before anything was told does not come back with an older version, but with a newer one', () => {
    expect(
      reasons([
        [janeDeleted(5), connection],
        [jane({ sequence: 3 }), connection],
        [janeDeleted(5), connection],
        [jane({ sequence: 6 }), connection],
      ]),
    ).toEqual(['none: never-in-scope', 'none: stale', 'none: removed-already', 'entered-scope']);
  });

  test('somebody whose older versions were left out stays out of scope when they come again', () => {
    const steps: Step[] = [
      [elsewhere(2), connection, { folds: true }],
      [jane({ sequence: 1 }), connection],
      [elsewhere(2), connection],
      [jane({ sequence: 3 }), connection],
    ];
    expect(reasons(steps)).toEqual(['none: never-in-scope', 'none: stale', 'none: removed-already', 'entered-scope']);
  });

  test('leaving the scope is told once, with no memberships left', () => {
    const { commands, decisions } = run([
      [jane(), connection],
      [elsewhere(2), connection],
      [elsewhere(3), connection],
      [janeDeleted(4), connection],
    ]);
    expect(commands[1]).toMatchObject({
      desired: { presence: 'disabled', memberOf: [] },
      reason: 'left-scope',
      lane: 'leaver',
    });
    expect(commands[1]?.desired.attributes).toBeUndefined();
    expect(decisions.slice(2)).toMatchObject([{ why: 'removed-already' }, { why: 'removed-already' }]);
  });

  test('a removal that was told is not told again when the policy changes', () => {
    const deleting = exampleConnection({ policy: { users: { remove: 'delete' } } }, 2);
    expect(
      reasons([
        [jane(), connection],
        [elsewhere(2), connection],
        [elsewhere(2), deleting],
      ]),
    ).toEqual(['entered-scope', 'left-scope', 'none: removed-already']);
  });

  test('a deletion is told by policy', () => {
    const deleting = exampleConnection({ policy: { users: { remove: 'delete' } } });
    expect(
      run([
        [jane(), deleting],
        [janeDeleted(2), deleting],
      ]).commands[1],
    ).toMatchObject({ desired: { presence: 'absent', memberOf: [] }, reason: 'deleted', lane: 'leaver' });
  });

  test('with the policy to keep, nobody is told of a leaver, and a return tells what has changed', () => {
    const keeping = exampleConnection({ policy: { users: { remove: 'keep' } } });
    expect(
      reasons([
        [jane(), keeping],
        [elsewhere(2), keeping],
        [jane({ sequence: 3 }), keeping],
        [renamed(4), keeping],
      ]),
    ).toEqual(['entered-scope', 'none: policy-keep', 'none: unchanged', 'attribute-changed']);
  });

  test('a return after a removal is told', () => {
    expect(
      reasons([
        [jane(), connection],
        [elsewhere(2), connection],
        [jane({ sequence: 3 }), connection],
      ]),
    ).toEqual(['entered-scope', 'left-scope', 'entered-scope']);
  });

  test('disabling at the source goes first, enabling again is told', () => {
    const { commands } = run([
      [jane(), connection],
      [jane({ sequence: 2, enabled: false }), connection],
      [jane({ sequence: 3 }), connection],
    ]);
    expect(commands.map(({ reason, lane }) => `${reason} ${lane}`)).toEqual([
      'entered-scope delta',
      'disabled leaver',
      'enabled delta',
    ]);
  });

  test('with the policy to keep the status, a disabled user gets no account but keeps the one it has', () => {
    const keeping = exampleConnection({ policy: { users: { disabled: 'keep' } } });
    expect(reasons([[jane({ enabled: false }), keeping]])).toEqual(['none: disabled-at-source']);
    const { commands } = run([
      [jane(), keeping],
      [{ ...renamed(2), enabled: false }, keeping],
    ]);
    expect(commands[1]).toMatchObject({ desired: { presence: 'active' }, reason: 'attribute-changed' });
  });

  test('a move from channel to channel is told with what differs', () => {
    const channels = [
      staffChannel({ users: { filter: '(employeeType=staff)' } }),
      staffChannel({ name: 'external', attributes: { userName: 'uid', userType: { constant: 'external' } } }),
    ];
    const both = exampleConnection({ channels });
    const external = jane({ sequence: 2, attributes: { uid: ['jdoe'], sn: ['Doe'], employeeType: ['external'] } });
    expect(
      run([
        [jane(), both],
        [external, both],
      ]).commands[1],
    ).toMatchObject({ channel: 'external', reason: 'moved-channel' });
  });

  test('a new configuration is told where it changes something', () => {
    const more = exampleConnection(
      { channels: [staffChannel({ attributes: { userName: 'uid', nickName: 'givenName' } })] },
      2,
    );
    expect(
      reasons([
        [jane(), connection],
        [jane(), exampleConnection({}, 2)],
        [jane(), more],
      ]),
    ).toEqual(['entered-scope', 'none: unchanged', 'none: same-version']);
    expect(
      reasons([
        [jane(), connection],
        [jane(), more],
      ]),
    ).toEqual(['entered-scope', 'configuration-changed']);
  });

  test('suspending removes nobody, and neither does a mapping that fails', () => {
    const off = exampleConnection({ channels: [staffChannel({ active: false })] }, 2);
    const failing = exampleConnection({ channels: [staffChannel({ attributes: { userName: 'nothing' } })] }, 2);
    expect(
      reasons([
        [jane(), connection],
        [elsewhere(2), off],
        [janeDeleted(3), off],
      ]),
    ).toEqual(['entered-scope', 'none: suspended', 'none: suspended']);
    expect(
      reasons([
        [jane(), connection],
        [jane({ sequence: 2 }), failing],
        [renamed(3), connection],
      ]),
    ).toEqual(['entered-scope', 'none: mapping-failed', 'attribute-changed']);
  });

  test('a stale change is dropped', () => {
    expect(
      reasons([
        [renamed(5), connection],
        [jane({ sequence: 4 }), connection],
      ]),
    ).toEqual(['entered-scope', 'none: stale']);
  });

  test('a group leaves by the policy of groups', () => {
    const group = jane({
      objectType: 'group',
      objectId: 'id-slack',
      dn: 'cn=slack,ou=groups,dc=corp,dc=example',
      attributes: { cn: ['slack'] },
    });
    const { commands } = run([
      [group, connection],
      [{ ...group, sequence: 2, dn: 'cn=slack,dc=corp,dc=example' }, connection],
    ]);
    expect(commands[1]).toMatchObject({ objectType: 'group', desired: { presence: 'absent' } });
  });

  test('masses go last, people who wait go before live changes, leavers before everybody', () => {
    const lane = (change: IdentityChange, previous: LedgerEntry | null, occasion?: EvaluationOccasion) => {
      const decision = decide(previous, change, connection, occasion);
      return decision.kind === 'command' ? decision.command.lane : decision.why;
    };
    const { ledger } = run([[jane(), connection]]);
    expect(lane(jane({ snapshot: true }), null)).toBe('bulk');
    expect(lane(jane(), null, { bulk: true })).toBe('bulk');
    expect(lane(jane(), null, { interactive: true })).toBe('interactive');
    expect(lane(elsewhere(2, { snapshot: true }), ledger, { bulk: true })).toBe('leaver');
  });
});

describe('laws', () => {
  const configurations = [
    exampleConnection({}, 1),
    exampleConnection({ policy: { users: { remove: 'delete', disabled: 'delete' } } }, 2),
    exampleConnection({ policy: { users: { remove: 'keep', disabled: 'keep' } } }, 3),
    exampleConnection({ channels: [staffChannel({ attributes: { userName: 'uid' } })] }, 4),
  ];
  const content = fc.record({
    kind: fc.constantFrom<'in' | 'out' | 'disabled' | 'deleted' | 'broken'>(
      'in',
      'out',
      'disabled',
      'deleted',
      'broken',
    ),
    sn: fc.constantFrom('a', 'b'),
  });
  const history = fc.array(fc.tuple(content, fc.constantFrom(...configurations)), { maxLength: 12 }).map((steps) =>
    steps.map(([{ kind, sn }, compiled], index): [IdentityChange, CompiledConnection] => {
      const sequence = index + 1;
      if (kind === 'deleted') return [janeDeleted(sequence), compiled];
      const attributes: SourceAttributes = kind === 'broken' ? { sn: [sn] } : { uid: ['jdoe'], sn: [sn] };
      const change = jane({ sequence, attributes, enabled: kind !== 'disabled' });
      return [kind === 'out' ? elsewhere(sequence, { attributes }) : change, compiled];
    }),
  );

  test('an object out of scope gives a command only where the ledger knew it', () => {
    fc.assert(
      fc.property(history, (steps) => {
        let ledger: LedgerEntry | null = null;
        for (const [change, compiled] of steps) {
          const decision = decide(ledger, change, compiled);
          const out = evaluate(change, compiled, exampleGroups).kind === 'out-of-scope';
          if (out && decision.kind === 'command') expect(ledger).not.toBeNull();
          ledger = decision.ledger;
        }
      }),
    );
  });

  test('a version that is known already gives no command and changes nothing of the ledger, whatever it is evaluated to', () => {
    fc.assert(
      fc.property(history, fc.nat(), (steps, at) => {
        const { ledger } = run(steps);
        const [change, compiled] = steps[steps.length === 0 ? 0 : at % steps.length] ?? [jane(), connection];
        if (!isKnownVersion(ledger, change, compiled)) return;
        expect(decide(ledger, change, compiled)).toMatchObject({ kind: 'none', ledger });
      }),
    );
  });

  test('reading any end of the history again moves no version back', () => {
    fc.assert(
      fc.property(history, fc.nat(), (steps, from) => {
        const first = run(steps);
        const again = run(steps.slice(steps.length === 0 ? 0 : from % steps.length), first.ledger);
        const versions = [...first.commands, ...again.commands].map(({ version }) => version);
        for (const [index, version] of versions.entries()) {
          const before = versions[index - 1];
          if (before !== undefined) expect(compareVersions(version, before)).toBeGreaterThan(0);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('reading the whole history again ends in the same ledger', () => {
    const oneConfiguration = history.map((steps) =>
      steps.map(([change]): [IdentityChange, CompiledConnection] => [change, connection]),
    );
    fc.assert(
      fc.property(oneConfiguration, (steps) => {
        const { ledger } = run(steps);
        const again = run(steps, ledger);
        expect(again.ledger).toEqual(ledger);
        expect(again.commands).toEqual([]);
      }),
    );
  });
});
