import { DnProblem, normalizeDn } from '@provisor/provisioning';

/** Under which name a group of a scope is kept: its normalised DN, or the text itself where it is no DN but an id. */
export function scopeGroupName(dnOrId: string): string {
  try {
    return normalizeDn(dnOrId);
  } catch (error) {
    if (error instanceof DnProblem) return dnOrId;
    throw error;
  }
}
