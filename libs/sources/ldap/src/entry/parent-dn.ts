/** The name of the entry above, in its own spelling; empty for a name of one RDN. */
export function parentDn(dn: string): string {
  let quoted = false;
  for (let at = 0; at < dn.length; at++) {
    const character = dn[at];
    if (character === '\\') at += 1;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && (character === ',' || character === ';')) return dn.slice(at + 1).trimStart();
  }
  return '';
}
