import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** What belongs to one data folder from its first start on. */
export interface Installation {
  readonly dir: string;
  /** Holds PROVISOR_KEY, 32 random bytes in base64url. */
  readonly keyFile: string;
  /** Holds the bearer token of the admin API. */
  readonly tokenFile: string;
  readonly token: string;
}

/** Opens the folder; makes it, the key and the admin token at the first start. All files are the owner's alone. */
export function openInstallation(folder: string): Installation {
  const dir = resolve(folder);
  mkdirSync(dir, { recursive: true });
  // The embedded database may run under an account of its own, which has to pass through.
  chmodSync(dir, 0o711);
  const keyFile = join(dir, 'key');
  const tokenFile = join(dir, 'admin-token');
  secretIn(keyFile);
  return { dir, keyFile, tokenFile, token: secretIn(tokenFile) };
}

function secretIn(file: string): string {
  if (!existsSync(file)) writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  return readFileSync(file, 'utf8').trim();
}
