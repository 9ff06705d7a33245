import { jsonPointer } from '@provisor/host';
import type { z } from 'zod';
import type { ProblemError } from './problem.js';

type Issue = z.core.$ZodIssue;

/** The issues of a failed parse as problem errors; of a union, those of the alternative that came closest. */
export function problemErrors(issues: readonly Issue[], base: readonly PropertyKey[] = []): ProblemError[] {
  return issues.flatMap((issue) => errorsOf(issue, base));
}

function errorsOf(issue: Issue, base: readonly PropertyKey[]): ProblemError[] {
  const path = [...base, ...issue.path];
  if (issue.code === 'invalid_union') {
    const closest = closestAlternative(issue.errors);
    if (closest) return problemErrors(closest, path);
  }
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      pointer: jsonPointer([...path, key]),
      detail: `There is no field ${JSON.stringify(key)} here.`,
    }));
  return [{ pointer: jsonPointer(path), detail: sentence(issue.message), ...expectation(issue) }];
}

function expectation(issue: Issue): { expected?: string } {
  if (issue.code === 'invalid_type') return { expected: issue.expected };
  if (issue.code === 'invalid_value') return { expected: issue.values.map(String).join(', ') };
  return {};
}

/** The alternative whose first mistake lies deepest, and of these the one with the fewest mistakes. */
function closestAlternative(alternatives: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const depth = (issues: readonly Issue[]) => Math.max(...issues.map((issue) => issue.path.length));
  return alternatives
    .filter((issues) => issues.length > 0)
    .toSorted((a, b) => depth(b) - depth(a) || a.length - b.length)[0];
}

const sentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);
