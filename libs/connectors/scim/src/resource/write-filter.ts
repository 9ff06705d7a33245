/** `userName eq "o\"neil"`: the value as a JSON string, so that no value can end the filter and begin another. */
export const equalsFilter = (attribute: string, value: string): string => `${attribute} eq ${JSON.stringify(value)}`;

/** `members[value eq "…"]`: picks one element in a PATCH path. */
export const elementPath = (attribute: string, sub: string, value: string): string =>
  `${attribute}[${equalsFilter(sub, value)}]`;
