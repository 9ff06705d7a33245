import { createHmac, hkdfSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { compactDecrypt, CompactEncrypt } from 'jose';
import type { SealedValue, SecretReference } from '@provisor/contracts';
import type { Environment } from './config.js';

const KEY_BYTES = 32;
const MAX_SECRET_BYTES = 64 * 1024;

export type SecretProblemCode =
  'SECRET_MISSING' | 'SECRET_UNREADABLE' | 'SECRET_KEY_MISSING' | 'SECRET_KEY_WRONG' | 'SECRET_UNSUPPORTED';

/** A secret cannot be had. The message names the reference, never the value. */
export class SecretProblem extends Error {
  readonly code: SecretProblemCode;

  constructor(code: SecretProblemCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SecretProblem';
    this.code = code;
  }
}

export interface SecretResolverOptions {
  readonly env: Environment;
  /** 32 bytes; without it only `env` and `file` references can be resolved. */
  readonly key?: Buffer;
}

/** Turns a reference in a document into the secret, anew at every call: a mounted file may have been rotated. */
export class SecretResolver {
  readonly #env: Environment;
  readonly #key: Buffer | undefined;

  constructor(options: SecretResolverOptions) {
    this.#env = options.env;
    this.#key = options.key;
  }

  /** Throws a SecretProblem. */
  async resolve(reference: SecretReference): Promise<string> {
    if ('env' in reference) return this.#fromEnvironment(reference.env);
    if ('file' in reference) return fromFile(reference.file);
    if ('encrypted' in reference) return this.#decrypt(reference.encrypted);
    const kind = 'value' in reference ? 'a clear value' : `the stored secret "${reference.secret}"`;
    throw new SecretProblem('SECRET_UNSUPPORTED', `The configuration names ${kind}, which only the admin API accepts.`);
  }

  #fromEnvironment(variable: string): string {
    const value = this.#env[variable];
    if (value === undefined || value === '') {
      throw new SecretProblem('SECRET_MISSING', `The environment variable ${variable} is not set.`);
    }
    return value;
  }

  async #decrypt(jwe: string): Promise<string> {
    if (this.#key === undefined) {
      throw new SecretProblem('SECRET_KEY_MISSING', 'PROVISOR_KEY is not set, so an encrypted secret cannot be read.');
    }
    return decrypt(jwe, this.#key);
  }
}

/**
 * Seals a masked value for topics and tables: the ciphertext differs each time, the digest does not, so that equal values can be
 * told without opening them. The digest's key is derived from `key` (HKDF, RFC 5869): knowing digests tells nothing of the key.
 */
export async function sealValue(text: string, key: Buffer): Promise<SealedValue> {
  const digestKey = Buffer.from(
    hkdfSync('sha256', checked(key), Buffer.alloc(0), 'provisor/sealed-value/digest', KEY_BYTES),
  );
  const digest = createHmac('sha256', digestKey).update(text, 'utf8').digest('base64url');
  return { sealed: await encryptSecret(text, key), digest };
}

/** Throws a SecretProblem with SECRET_KEY_WRONG if the value was sealed under another key or altered. */
export async function openValue(value: SealedValue, key: Buffer): Promise<string> {
  return decrypt(value.sealed, key);
}

/** JWE compact serialization (RFC 7516), `dir` with A256GCM. */
export async function encryptSecret(text: string, key: Buffer): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .encrypt(checked(key));
}

/**
 * The key from PROVISOR_KEY or PROVISOR_KEY_FILE, or undefined if neither is set. Throws a SecretProblem if the file cannot be
 * read or does not hold 32 bytes in base64url.
 */
export async function loadKey(config: {
  readonly provisorKey?: Buffer | undefined;
  readonly provisorKeyFile?: string | undefined;
}): Promise<Buffer | undefined> {
  if (config.provisorKey !== undefined) return config.provisorKey;
  if (config.provisorKeyFile === undefined) return undefined;
  const key = Buffer.from(await fromFile(config.provisorKeyFile), 'base64url');
  if (key.length === KEY_BYTES) return key;
  throw new SecretProblem(
    'SECRET_KEY_WRONG',
    `The file ${config.provisorKeyFile} must hold 32 bytes in base64url (43 characters).`,
  );
}

async function decrypt(jwe: string, key: Buffer): Promise<string> {
  try {
    const { plaintext } = await compactDecrypt(jwe, checked(key), {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    return new TextDecoder().decode(plaintext);
  } catch (error) {
    if (error instanceof SecretProblem) throw error;
    throw new SecretProblem(
      'SECRET_KEY_WRONG',
      'An encrypted secret does not open: it was encrypted under another PROVISOR_KEY, or was altered.',
      error,
    );
  }
}

async function fromFile(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new SecretProblem('SECRET_UNREADABLE', `The secret file ${path} cannot be read (${reason(error)}).`, error);
  });
  if (text.length > MAX_SECRET_BYTES) {
    throw new SecretProblem('SECRET_UNREADABLE', `The secret file ${path} is longer than 64 KiB.`);
  }
  // Editors and `echo` end files with a line break, which is no part of any secret.
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '') throw new SecretProblem('SECRET_MISSING', `The secret file ${path} is empty.`);
  return secret;
}

function checked(key: Buffer): Uint8Array {
  if (key.length === KEY_BYTES) return new Uint8Array(key);
  throw new SecretProblem('SECRET_KEY_WRONG', `The key must have 32 bytes, not ${key.length}.`);
}

function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'permission denied';
  return code ?? 'unknown reason';
}
