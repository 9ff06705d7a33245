import { createHash } from 'node:crypto';
import type { DesiredState } from '@provisor/contracts';
import { canonicalJson } from './canonical-json.js';

/**
 * SHA-256 (hex) of a desired state over plain, unsealed values. Equal states give equal hashes, whatever the order of keys and
 * of memberships.
 */
export function desiredHash(desired: DesiredState, createOnly: readonly string[], masked: readonly string[]): string {
  return sha256(
    canonicalJson({
      presence: desired.presence,
      attributes: desired.attributes,
      memberOf: desired.memberOf && sorted(desired.memberOf),
      references: desired.references,
      createOnly: sorted(createOnly),
      masked: sorted(masked),
    }),
  );
}

/** Hash that stands in a ledger for "told to remove it"; equals no hash of a desired state. */
export const removalHash = (presence: 'disabled' | 'absent'): string => sha256(canonicalJson({ removed: presence }));

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const sorted = (values: readonly string[]): string[] => [...new Set(values)].sort();
