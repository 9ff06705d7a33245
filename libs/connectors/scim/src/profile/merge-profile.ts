import { SCIM_2_0 } from './defaults.js';
import { NAMED_PROFILES } from './named-profiles.js';
import { vendorProfile, type NamedProfile, type ProfileDeviations, type VendorProfile } from './vendor-profile.js';

/** A vendor profile that does not exist, or an override that does not fit. The message is for the person who configures. */
export class ProfileProblem extends Error {
  override readonly name = 'ProfileProblem';
}

export interface ProfileSources {
  readonly discovered: ProfileDeviations;
  readonly named: ProfileDeviations;
  /** Single keys, dotted (`update.verb`) or nested. */
  readonly override: Readonly<Record<string, unknown>>;
}

/** Defaults, then discovery, then the named profile, then what the SP connection says itself. Throws ProfileProblem. */
export function mergeProfile({ discovered, named, override }: ProfileSources): VendorProfile {
  const own = nested(override);
  const trusted = trusts([named, own]) ? discovered : {};
  const merged = [trusted, named, own].reduce<unknown>(merge, SCIM_2_0);
  const parsed = vendorProfile.safeParse(merged);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ProfileProblem(`profile.${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`);
}

/** The deviations of a named profile and of what it extends. Throws ProfileProblem for an unknown name. */
export function namedDeviations(name: string, all: readonly NamedProfile[] = NAMED_PROFILES): ProfileDeviations {
  const profile = all.find((candidate) => candidate.name === name);
  if (profile === undefined) {
    const known = all.map((candidate) => candidate.name).join(', ');
    throw new ProfileProblem(`There is no vendor profile "${name}"; there are ${known}.`);
  }
  if (profile.extends === undefined) return profile.deviations;
  return merge(namedDeviations(profile.extends, all), profile.deviations) as ProfileDeviations;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Objects are merged key by key; everything else, lists too, is replaced. */
function merge(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  if (!isRecord(base) || !isRecord(over)) return over;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) merged[key] = merge(base[key], value);
  return merged;
}

function nested(override: Readonly<Record<string, unknown>>): unknown {
  return Object.entries(override)
    .map(([path, value]) => path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value))
    .reduce<unknown>(merge, {});
}

function trusts(layers: readonly unknown[]): boolean {
  const { discovery } = layers.reduce<unknown>(merge, { discovery: SCIM_2_0.discovery }) as Pick<
    VendorProfile,
    'discovery'
  >;
  return discovery.trust;
}
