import type { Version } from '@provisor/contracts';

/** Negative where `a` is older than `b`, zero where they are the same, positive where `a` is newer: sequence first, configuration second. */
export function compareVersions(a: Version, b: Version): number {
  return a.sequence === b.sequence ? a.config - b.config : a.sequence - b.sequence;
}
