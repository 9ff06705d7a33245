import type { ObjectType, Policy, SpConnection } from '@provisor/contracts';
import type { CompiledRule } from '../attribute-mapping/compile-rule.js';
import type { CompiledScope } from '../scope/compile-scope.js';

/** An SP connection, checked and prepared, at one version of its document. */
export interface CompiledConnection {
  readonly name: string;
  readonly configVersion: number;
  readonly active: boolean;
  readonly policy: Policy;
  readonly channels: readonly CompiledChannel[];
  /** Whether some active channel provisions groups: only then do memberships lead anywhere. */
  readonly provisionsGroups: boolean;
  /** The document that it came from. */
  readonly document: SpConnection;
}

export interface CompiledChannel {
  readonly name: string;
  readonly active: boolean;
  readonly dataStore: string;
  readonly memberships: boolean;
  /** By object type; absent where the channel takes no objects of that type. */
  readonly mappings: Readonly<Partial<Record<ObjectType, CompiledMapping>>>;
}

/** Scope and attribute mapping of the objects of one type. */
export interface CompiledMapping {
  readonly scope: CompiledScope;
  readonly rules: readonly { readonly path: string; readonly rule: CompiledRule; readonly required: boolean }[];
  readonly createOnly: readonly string[];
  readonly masked: readonly string[];
}
