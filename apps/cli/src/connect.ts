import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { AdminClient } from '@provisor/admin-client';
import { CommandError, EXIT } from './exit.js';
import type { Terminal } from './terminal.js';

export interface ConnectionOptions {
  readonly url?: string;
  readonly tokenFile?: string;
}

export const DEFAULT_URL = 'http://127.0.0.1:3000';
/** Where standalone and a locally started admin API keep the token, seen from the folder that they run in. */
export const LOCAL_TOKEN_FILE = join('.provisor', 'admin-token');

/** The admin API as the options and the environment name it. */
export function connect(terminal: Terminal, options: ConnectionOptions): AdminClient {
  const url = options.url ?? terminal.env['PROVISOR_URL'] ?? DEFAULT_URL;
  assertHttpUrl(url);
  const token = readToken(terminal, options.tokenFile);
  const actor = userName();
  return new AdminClient({
    url,
    ...(token === undefined ? {} : { token }),
    ...(actor === undefined ? {} : { actor }),
  });
}

function assertHttpUrl(url: string): void {
  if (/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) return;
  throw new CommandError(EXIT.usage, `"${url}" is not the URL of an admin API; write for example ${DEFAULT_URL}.`);
}

/** A named file has to be there; the local one is looked for from here upwards. */
function readToken(terminal: Terminal, tokenFile: string | undefined): string | undefined {
  const named = tokenFile ?? (terminal.env['PROVISOR_TOKEN'] ? undefined : terminal.env['PROVISOR_TOKEN_FILE']);
  if (named !== undefined) return readNamed(named);
  return terminal.env['PROVISOR_TOKEN']?.trim() || readLocal(terminal.cwd);
}

function readNamed(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(EXIT.usage, `The token file ${file} cannot be read (${code ?? 'unknown reason'}).`);
  }
}

function readLocal(directory: string): string | undefined {
  try {
    return readFileSync(join(directory, LOCAL_TOKEN_FILE), 'utf8').trim();
  } catch {
    const parent = dirname(directory);
    return parent === directory ? undefined : readLocal(parent);
  }
}

function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
