import type { DesiredState } from '@provisor/contracts';

/** Why a value, or a whole object, could not be mapped; about one object of one SP connection. */
export interface MappingProblem {
  readonly channel: string;
  /** `mapping.expression-failed`, `mapping.type`, `mapping.required`, `mapping.too-large`, `scope.group-unknown`, `scope.dn`. */
  readonly code: string;
  /** Target path, or the part of the scope; absent where the problem is not about one path. */
  readonly path?: string;
  /** In words; never contains the value of a masked attribute. */
  readonly message: string;
}

/** What an SP connection makes of one identity change. */
export type Evaluation =
  | {
      readonly kind: 'in-scope';
      readonly channel: string;
      /** Plain values: masked ones are sealed by whoever publishes them. */
      readonly desired: DesiredState;
      readonly createOnly: readonly string[];
      readonly masked: readonly string[];
      /** What went wrong without keeping the object back: a default stepped in, or a disabled account goes without attributes. */
      readonly problems: readonly MappingProblem[];
    }
  | { readonly kind: 'out-of-scope' }
  /** The scope of an inactive channel, or an inactive SP connection: nothing is told and nothing is removed. */
  | { readonly kind: 'suspended'; readonly channel?: string }
  /** What the account should be cannot be said; what was told before stays. */
  | { readonly kind: 'failed'; readonly channel: string; readonly problem: MappingProblem };

/**
 * Finds the object id of a group that a scope names by DN or by id; undefined where that group was never seen. A group that was
 * known once keeps resolving, also after it was renamed or deleted, so that a scope never empties because a name is missing.
 */
export type GroupResolver = (dataStore: string, dnOrId: string) => string | undefined;
