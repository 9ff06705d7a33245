import type { TargetAttributes } from '@provisor/contracts';

/** The one next step that brings the target closer to what is desired. */
export type Intent =
  /** Nothing to do. */
  | { readonly kind: 'none'; readonly why: string }
  /** Something would be to do, but policy says no. */
  | { readonly kind: 'skip'; readonly code: string; readonly cause: string }
  | { readonly kind: 'create' }
  /** Look for an existing account before anything is created. */
  | { readonly kind: 'match' }
  /** Everything may be right already, by a call whose answer was lost: read the account before anything is written again. */
  | { readonly kind: 'read'; readonly paths: readonly string[] }
  | {
      readonly kind: 'update';
      readonly set: TargetAttributes;
      readonly clear: readonly string[];
      readonly active?: boolean;
    }
  | { readonly kind: 'remove'; readonly how: 'disable' | 'delete' };

/** Whether the intent takes an account away from somebody: what the removal guard counts. */
export function isRemoval(intent: Intent): boolean {
  return intent.kind === 'remove' || (intent.kind === 'update' && intent.active === false);
}
