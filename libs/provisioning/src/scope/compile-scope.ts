import type { ChannelScope, IdentityChange } from '@provisor/contracts';
import type { GroupResolver } from '../evaluation/evaluation.js';
import type { ConfigurationFault } from '../problem/configuration-problem.js';
import { DnProblem, isWithin, normalizedRdns } from './dn.js';
import type { EntryView } from './entry-view.js';
import { FilterProblem } from './filter.js';
import { compileFilter, type FilterTest } from './match-filter.js';
import { parseFilter } from './parse-filter.js';

/** Whether an object is in a scope; `unknown` where something is missing that would decide it. */
export type ScopeAnswer =
  | { readonly kind: 'in' }
  | { readonly kind: 'out' }
  | { readonly kind: 'unknown'; readonly code: string; readonly path: string; readonly message: string };

export interface CompiledScope {
  /** Groups that it names, by DN or id, those of the exclusion among them. */
  readonly groups: readonly string[];
  readonly answer: (change: IdentityChange, entry: EntryView, resolve: GroupResolver) => ScopeAnswer;
}

const IN: ScopeAnswer = { kind: 'in' };
const OUT: ScopeAnswer = { kind: 'out' };

/** Prepares a channel's scope; `report` is told of everything that is wrong in it. */
export function compileScope(scope: ChannelScope, report: (fault: ConfigurationFault) => void): CompiledScope {
  const within = compileBase(scope, report);
  const filter = compileFilterText(scope.filter, 'filter', report);
  const excluded = compileFilterText(scope.exclude?.filter, 'exclude.filter', report);
  const groups = scope.groups ?? [];
  const excludedGroups = scope.exclude?.groups ?? [];
  return {
    groups: [...groups, ...excludedGroups],
    answer: (change, entry, resolve) => {
      if (filter?.(entry) === false || excluded?.(entry) === true) return OUT;
      const place = within(entry);
      if (place.kind === 'out') return OUT;
      const member = groups.length === 0 ? IN : membership(groups, change, scope.nested, resolve);
      if (member.kind === 'out') return OUT;
      const outsider = membership(excludedGroups, change, scope.nested, resolve);
      if (outsider.kind === 'in') return OUT;
      return [place, member, outsider].find((answer) => answer.kind === 'unknown') ?? IN;
    },
  };
}

function compileBase(
  scope: ChannelScope,
  report: (fault: ConfigurationFault) => void,
): (entry: EntryView) => ScopeAnswer {
  if (scope.base === undefined) return () => IN;
  let base: readonly string[] = [];
  try {
    base = normalizedRdns(scope.base);
  } catch (error) {
    if (!(error instanceof DnProblem)) throw error;
    report({
      path: 'base',
      message: error.message,
      expected: 'a distinguished name such as ou=people,dc=corp,dc=example',
    });
  }
  return (entry) => {
    try {
      const rdns = entry.normalizedRdns();
      return rdns !== undefined && isWithin(rdns, base, scope.scope) ? IN : OUT;
    } catch (error) {
      if (!(error instanceof DnProblem)) throw error;
      return {
        kind: 'unknown',
        code: 'scope.dn',
        path: 'base',
        message: `The object's DN cannot be read: ${error.message}.`,
      };
    }
  };
}

function compileFilterText(
  text: string | undefined,
  path: string,
  report: (fault: ConfigurationFault) => void,
): FilterTest | undefined {
  if (text === undefined) return undefined;
  try {
    return compileFilter(parseFilter(text));
  } catch (error) {
    if (!(error instanceof FilterProblem)) throw error;
    report({ path, message: error.message, expected: error.expected });
    return undefined;
  }
}

/** Member of any one of the groups. A group that cannot be found leaves the answer open: it never reads as "nobody is in it". */
function membership(
  groups: readonly string[],
  change: IdentityChange,
  nested: boolean,
  resolve: GroupResolver,
): ScopeAnswer {
  let open: string | undefined;
  for (const group of groups) {
    const id = resolve(change.dataStore, group);
    if (id === undefined) open ??= group;
    else if (change.memberOf?.includes(id) || (nested && change.memberOfNested?.includes(id))) return IN;
  }
  if (open === undefined) return OUT;
  return {
    kind: 'unknown',
    code: 'scope.group-unknown',
    path: 'groups',
    message: `The group ${open} is not known at data store ${change.dataStore} yet.`,
  };
}
