import type { Policy } from '@provisor/contracts';
import type { IntentItem, TargetObject } from '@provisor/persistence';
import { blankedPaths, isRemoval, type Intent, type TargetObjectState } from '@provisor/provisioning';
import type { GuardWindows } from '../engine/guard-windows.js';
import type { Decision } from './attempt-ending.js';

export interface GuardFacts {
  readonly row: TargetObject;
  readonly state: TargetObjectState;
  readonly guard: Policy['guard'];
  readonly windows: GuardWindows;
  readonly now: number;
}

type Held = Extract<Decision, { kind: 'held' }>;
export type Verdict =
  | { readonly held: Held }
  /** `record`: what is written down before the change is sent, so that a restart counts it. */
  | { readonly record?: Extract<IntentItem['intent'], { kind: 'remove' | 'blank' }> };

/** Holds a change that takes away more than the budget allows; one that may go is counted. */
export function guarded(intent: Extract<Intent, { kind: 'update' | 'remove' }>, facts: GuardFacts): Verdict {
  const { guard, now } = facts;
  if (isRemoval(intent)) {
    const how = intent.kind === 'remove' ? intent.how : 'disable';
    return counted(facts, 'removals', { code: 'guard.removals', how }) ?? { record: { kind: 'remove', at: now } };
  }
  const blanked = blankedPaths(intent, facts.state.applied?.attributes ?? {});
  if (blanked.length === 0) return {};
  const held = counted(facts, 'blanks', { code: 'guard.blanks', how: 'blank' });
  if (held === undefined) return { record: { kind: 'blank', at: now } };
  const named = `It would leave ${blanked.slice(0, 10).join(', ')} without a value. `;
  return { held: { ...held.held, cause: named + facts.windows.explain('blanks', guard.blanks, now) } };
}

function counted(
  { row, state: { objectId }, guard, windows, now }: GuardFacts,
  kind: 'removals' | 'blanks',
  named: { readonly code: string; readonly how: Held['how'] },
): { readonly held: Held } | undefined {
  if (!row.holdReleased && !windows.allows(kind, objectId, guard[kind], now))
    return { held: { kind: 'held', ...named, cause: windows.explain(kind, guard[kind], now) } };
  windows.count(kind, objectId, now);
  return undefined;
}
