import { normalizedRdns } from '@provisor/provisioning';

/**
 * A name in the form in which equal names are equal text and everything below a name begins with it and a comma: normalised, the
 * root first. Text that is no DN (a member given by its uid, say) becomes a key that equals no name.
 */
export function dnKey(dn: string): string {
  try {
    return normalizedRdns(dn).toReversed().join(',');
  } catch {
    return `?${dn}`;
  }
}

/** Whether `key` is the name `base` or lies below it. */
export const isAtOrBelow = (key: string, base: string): boolean => key === base || key.startsWith(`${base},`);
