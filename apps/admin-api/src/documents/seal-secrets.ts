import { document, type Document } from '@provisor/contracts';
import { mapSecretReferences, type SecretPlace } from './secret-references.js';

/** Encrypts and opens secrets with the installation's key. `open` answers undefined for what does not open. */
export interface Vault {
  seal(text: string): Promise<string>;
  open(sealed: string): Promise<string | undefined>;
}

export class SecretMistake extends Error {
  readonly path: readonly (string | number)[];

  constructor(path: readonly (string | number)[], message: string) {
    super(message);
    this.name = 'SecretMistake';
    this.path = path;
  }
}

const NO_KEY =
  'A secret is given by value, but this installation has no key to encrypt it: set PROVISOR_KEY (32 random bytes in base64url) ' +
  'for all services, or refer to the secret with { env: … } or { file: … }.';

/**
 * The document as it may be stored: clear values are encrypted. A value that the stored document has already, at the same place,
 * keeps its ciphertext, so that applying the same file again changes nothing.
 */
export function sealValues(given: Document, stored: Document | undefined, vault: Vault | undefined): Promise<Document> {
  return mapSecretReferences(document, given, async ({ path, reference }) => {
    if (!('value' in reference)) return reference;
    if (!vault) throw new SecretMistake(path, NO_KEY);
    const known = encryptedAt(stored, path);
    if (known !== undefined && (await vault.open(known)) === reference.value) return { encrypted: known };
    return { encrypted: await vault.seal(reference.value) };
  });
}

function encryptedAt(stored: Document | undefined, path: SecretPlace['path']): string | undefined {
  let node: unknown = stored;
  for (const part of path) {
    if (typeof node !== 'object' || node === null) return undefined;
    node = (node as Record<string | number, unknown>)[part];
  }
  if (typeof node !== 'object' || node === null || !('encrypted' in node)) return undefined;
  return typeof node.encrypted === 'string' ? node.encrypted : undefined;
}

/** Places and names of the stored secrets that a document refers to. */
export async function storedSecretsOf(given: Document): Promise<{ path: SecretPlace['path']; name: string }[]> {
  const found: { path: SecretPlace['path']; name: string }[] = [];
  await mapSecretReferences(document, given, async ({ path, reference }) => {
    if ('secret' in reference) found.push({ path, name: reference.secret });
    return reference;
  });
  return found;
}

/** The document as it may be published: references to stored secrets are replaced by what is stored, encrypted. */
export function publishable(given: Document, sealed: ReadonlyMap<string, string>): Promise<Document> {
  return mapSecretReferences(document, given, async ({ path, reference }) => {
    if (!('secret' in reference)) return reference;
    const encrypted = sealed.get(reference.secret);
    if (encrypted === undefined) throw new SecretMistake(path, `There is no stored secret "${reference.secret}".`);
    return { encrypted };
  });
}

/** The document as a difference may show it: ciphertexts are told apart, not shown. */
export function withoutCiphertexts(given: Document): Promise<unknown> {
  return mapSecretReferences<unknown>(document, given, async ({ reference }) =>
    'encrypted' in reference ? { encrypted: `(encrypted …${reference.encrypted.slice(-6)})` } : reference,
  );
}
