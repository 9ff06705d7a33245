import type { ServiceSchema } from './service-schema.js';

/** First half of every advisory lock key, so that other programs on the same database do not meet ours by accident. */
const NAMESPACE = 0x50_52_4f_56;
const SCHEMAS = { capture: 1, mapping: 2, dispatch: 3, admin: 4 } as const;
const PURPOSES = { migrate: 100, outboxRelay: 200 } as const;

/** The two halves of a key for pg_advisory_lock(int, int). They are stable across versions: replicas of two versions meet. */
export function advisoryLockKey(purpose: keyof typeof PURPOSES, schema: ServiceSchema['name']): [number, number] {
  return [NAMESPACE, PURPOSES[purpose] + SCHEMAS[schema]];
}
