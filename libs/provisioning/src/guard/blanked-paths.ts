import type { TargetAttributes, TargetValue } from '@provisor/contracts';
import type { Intent } from '../planning/intent.js';

/** Paths that an update leaves without a value where there was one: cleared, or written as nothing. */
export function blankedPaths(intent: Intent, applied: TargetAttributes): readonly string[] {
  if (intent.kind !== 'update') return [];
  const emptied = Object.entries(intent.set)
    .filter(([path, value]) => isEmpty(value) && Object.hasOwn(applied, path) && !isEmpty(applied[path] ?? ''))
    .map(([path]) => path);
  return [...intent.clear, ...emptied];
}

const isEmpty = (value: TargetValue): boolean =>
  Array.isArray(value) ? value.length === 0 : typeof value === 'string' && value.trim() === '';
