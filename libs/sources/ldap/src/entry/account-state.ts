import type { AccountStatus, SourceAttributes } from '@provisor/contracts';

/** Whether an account is enabled, by the data store's rule; enabled where there is none. */
export function isEnabled(rule: AccountStatus | undefined, attributes: SourceAttributes): boolean {
  if (rule === undefined) return true;
  const value = firstText(attributes, rule.attribute);
  if (value === undefined) return rule.default;
  if (rule.rule === 'flag')
    return value.trim().toLowerCase() === rule.value.toLowerCase() ? rule.enabledWhenEqual : !rule.enabledWhenEqual;
  const bits = /^\s*-?\d+\s*$/.test(value) ? BigInt(value.trim()) : undefined;
  return bits === undefined ? rule.default : (bits & BigInt(rule.mask)) === 0n;
}

/** First value that is text, whatever the case of the attribute's name. */
export function firstText(attributes: SourceAttributes, name: string): string | undefined {
  const wanted = name.toLowerCase();
  for (const [attribute, values] of Object.entries(attributes))
    if (attribute.toLowerCase() === wanted) return values.find((value) => typeof value === 'string');
  return undefined;
}
