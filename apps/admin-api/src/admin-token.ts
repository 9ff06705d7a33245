import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Logger } from '@provisor/telemetry';

const MIN_LENGTH = 16;

/**
 * The bearer token of the API: the one that is given, else the one in the file, else a fresh one of 256 random bits that is
 * written to the file, readable by its owner only. The log tells the path, never the token. Throws a sentence for a person.
 */
export async function loadAdminToken(o: { token?: string | undefined; file: string; log: Logger }): Promise<string> {
  if (o.token !== undefined) return o.token;
  const file = resolve(o.file);
  const known = await readToken(file);
  if (known !== undefined) {
    o.log.info('The admin token is read from a file.', { file });
    return known;
  }
  const made = randomBytes(32).toString('base64url');
  if (!(await writeNew(file, made))) return (await readToken(file)) ?? made;
  o.log.info('An admin token was made and written to a file.', { file });
  return made;
}

async function readToken(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new Error(
      `The admin token file ${file} cannot be read (${error.code}); correct its permissions or set ADMIN_TOKEN.`,
    );
  });
  const token = text?.trim();
  if (token === undefined || token.length >= MIN_LENGTH) return token;
  throw new Error(
    `The admin token in ${file} is shorter than ${MIN_LENGTH} characters; remove the file to have one made.`,
  );
}

/** False if somebody else wrote the file meanwhile. */
async function writeNew(file: string, token: string): Promise<boolean> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, `${token}\n`, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    throw new Error(`The admin token file ${file} cannot be written (${code}); set ADMIN_TOKEN_FILE or ADMIN_TOKEN.`, {
      cause: error,
    });
  }
}
