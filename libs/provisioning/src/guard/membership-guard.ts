import type { ChangeBudget } from '@provisor/contracts';
import { ChangeWindow } from './change-window.js';
import { changeLimit } from './change-guard.js';

/** Budgets of the ends of memberships: those of the SP connection together, and those of each group. */
export interface MembershipBudgets {
  readonly connection: ChangeBudget;
  readonly group: ChangeBudget;
}

/** The end of one membership that is to be sent. */
export interface MembershipEnd {
  readonly memberId: string;
  /** A person approved it. */
  readonly released: boolean;
}

/** Memberships that the SP connection has, and members that the group has. */
export interface MembershipPopulations {
  readonly connection: number;
  readonly group: number;
}

/** Ends of memberships of one SP connection in the windows of its guard. */
export class MembershipGuard {
  readonly #all: ChangeWindow;
  readonly #groups: Map<string, ChangeWindow>;

  /** `ends`: those that were sent before, for example ahead of a restart. */
  constructor(ends: readonly { readonly groupId: string; readonly memberId: string; readonly at: number }[] = []) {
    this.#all = new ChangeWindow(ends.map(({ groupId, memberId, at }) => [keyOf(groupId, memberId), at] as const));
    this.#groups = new Map(
      [...Map.groupBy(ends, ({ groupId }) => groupId)].map(([groupId, own]) => [
        groupId,
        new ChangeWindow(own.map(({ memberId, at }) => [memberId, at] as const)),
      ]),
    );
  }

  /** Without the shares of the populations everything asked may go: they need not be known. */
  sharesMatter(groupId: string, asked: number, budgets: MembershipBudgets, now: number): boolean {
    const within = (window: ChangeWindow, budget: ChangeBudget): boolean =>
      window.size(budget, now) + asked <= budget.max;
    return !within(this.#all, budgets.connection) || !within(this.#group(groupId), budgets.group);
  }

  /** Which of these ends may be sent, and which are held. Those that may are counted as sent. */
  take<T extends MembershipEnd>(
    groupId: string,
    ends: readonly T[],
    at: { readonly budgets: MembershipBudgets; readonly populations: MembershipPopulations; readonly now: number },
  ): { readonly allowed: readonly T[]; readonly held: readonly T[] } {
    const group = this.#group(groupId);
    const allowed: T[] = [];
    const held: T[] = [];
    const limits = {
      all: changeLimit(at.budgets.connection, at.populations.connection),
      group: changeLimit(at.budgets.group, at.populations.group),
    };
    for (const end of ends) {
      const [all, own] = [this.#all.size(at.budgets.connection, at.now), group.size(at.budgets.group, at.now)];
      const key = keyOf(groupId, end.memberId);
      const counted = this.#all.has(key) && group.has(end.memberId);
      if (!end.released && !counted && (all >= limits.all || own >= limits.group)) {
        held.push(end);
        continue;
      }
      this.#all.count(key, at.now);
      group.count(end.memberId, at.now);
      allowed.push(end);
    }
    return { allowed, held };
  }

  /** In words, for the person who has to decide. */
  explain(
    groupId: string,
    budgets: MembershipBudgets,
    at: { readonly populations: MembershipPopulations; readonly now: number },
  ): string {
    const own = this.#group(groupId).size(budgets.group, at.now);
    if (own >= changeLimit(budgets.group, at.populations.group))
      return (
        `${own} members of this group were removed within ${budgets.group.window}; one more would exceed both ` +
        `${budgets.group.max} and ${budgets.group.percent} % of its ${at.populations.group} members.`
      );
    return (
      `${this.#all.size(budgets.connection, at.now)} memberships were removed within ${budgets.connection.window}; one more ` +
      `would exceed both ${budgets.connection.max} and ${budgets.connection.percent} % of ${at.populations.connection}.`
    );
  }

  #group(groupId: string): ChangeWindow {
    const known = this.#groups.get(groupId);
    if (known !== undefined) return known;
    const window = new ChangeWindow();
    this.#groups.set(groupId, window);
    return window;
  }
}

const keyOf = (groupId: string, memberId: string): string => `${groupId}\n${memberId}`;
