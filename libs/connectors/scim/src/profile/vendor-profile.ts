import { duration } from '@provisor/contracts';
import { z } from 'zod';

const text = z.string().min(1);
const errorPattern = z.strictObject({
  status: z.int().min(400).max(599).optional(),
  /** Part of the answer, compared without case. */
  text: text.optional(),
});
export type ErrorPattern = z.infer<typeof errorPattern>;
const errorPatterns = z.array(errorPattern);

const resource = {
  /** Path below the base URL. */
  endpoint: text.startsWith('/'),
  /** Attributes by which an existing account is found, strongest first; only ones that this target can filter on. */
  match: z.array(text),
  /** Attributes of which the target refuses a second account with the same value. */
  unique: z.array(text),
  /** Target paths that are never sent. A whole attribute (`name`) covers its sub-attributes. */
  unsupported: z.array(text),
  /** Sent at create only. */
  immutable: z.array(text),
};
const rate = z.strictObject({
  perSecond: z.number().positive().optional(),
  perMinute: z.number().positive().optional(),
  perHour: z.number().positive().optional(),
  burst: z.int().positive().optional(),
});

/**
 * How a SCIM service provider really behaves: what the RFCs leave open, and what this one does differently from them.
 */
export const vendorProfile = z.strictObject({
  discovery: z.strictObject({
    enabled: z.boolean(),
    /** Path of the ServiceProviderConfig. */
    path: text.startsWith('/'),
    /** Do the target's own statements count, or are they only shown? */
    trust: z.boolean(),
  }),
  media: z.enum(['scim+json', 'json']),
  headers: z.record(z.string(), z.string()),
  /** Parameters of every request. */
  query: z.record(z.string(), z.string()),
  users: z.strictObject({ ...resource }),
  groups: z.strictObject({
    ...resource,
    supported: z.boolean(),
    memberFields: z.array(z.enum(['value', 'type', '$ref'])),
    memberRemoveStyle: z.enum(['valuePath', 'arrayValue']),
    maxMembersPerPatch: z.int().positive(),
    /** Does a listing of groups show all of their members? Memberships are not compared otherwise. */
    listsMembers: z.boolean(),
  }),
  update: z.strictObject({
    verb: z.enum(['patch', 'put']),
    style: z.enum(['paths', 'noPathObject', 'onePerRequest']),
    /** Is `emails[type eq "work"].value` understood in a PATCH path? Else the whole attribute is read, changed and replaced. */
    valuePathFilters: z.boolean(),
    /** Can an element be removed by `emails[type eq "work"]`? */
    valuePathRemove: z.boolean(),
    /** How a value is taken away. */
    clearStyle: z.enum(['remove', 'emptyString', 'null']),
    /** Complex attributes that have to be written whole, such as `name`. */
    complexWhole: z.array(text),
    /** Most operations in one PATCH; 0 for any number. */
    maxOps: z.int().nonnegative(),
    opCase: z.enum(['lower', 'title']),
    booleansAsStrings: z.boolean(),
  }),
  deprovision: z.strictObject({
    disable: z.enum(['patchActive', 'putActive', 'delete', 'unsupported']),
    /** What DELETE does to a user. `irreversible` needs `allowIrreversible`; `unsupported` disables instead. */
    deleteSemantics: z.enum(['hard', 'soft', 'irreversible', 'unsupported']),
    allowIrreversible: z.boolean(),
  }),
  paging: z.strictObject({ mode: z.enum(['index', 'cursor', 'none']), maxPage: z.int().positive() }),
  etag: z.enum(['off', 'ifMatch']),
  timeouts: z.strictObject({
    /** For so long a look-up may not find what was created: that it finds nothing proves nothing after a create without an answer. */
    visibleAfterCreate: duration,
  }),
  /** What the target is known to allow; shown to people, obeyed through the limits of the SP connection. */
  rate: z.record(z.string(), rate),
  /** Answers that mean something else here than elsewhere; looked at before anything else. */
  errors: z.strictObject({
    uniqueness: errorPatterns,
    gone: errorPatterns,
    retryable: errorPatterns,
    objectScoped: errorPatterns,
  }),
});
export type VendorProfile = z.infer<typeof vendorProfile>;

type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: DeepPartial<T[K]> }
    : T;

/** What a named profile or an SP connection says differently. */
export type ProfileDeviations = DeepPartial<VendorProfile>;

/** A named profile as it is stored: the deviations alone, on top of another one. */
export interface NamedProfile {
  readonly name: string;
  readonly extends?: string;
  readonly deviations: ProfileDeviations;
}
