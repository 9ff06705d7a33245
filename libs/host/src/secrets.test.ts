import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encryptSecret, loadKey, openValue, sealValue, SecretProblem, SecretResolver } from './secrets.js';

const key = randomBytes(32);
let folder: string;
const file = async (text: string): Promise<string> => {
  const path = join(folder, randomBytes(4).toString('hex'));
  await writeFile(path, text);
  return path;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'secrets-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('SecretResolver', () => {
  const resolver = new SecretResolver({ env: { SLACK_TOKEN: 'tok', EMPTY: '' }, key });

  it('reads variables, files without their last line break, and what was encrypted', async () => {
    expect(await resolver.resolve({ env: 'SLACK_TOKEN' })).toBe('tok');
    expect(await resolver.resolve({ file: await file('from file\n') })).toBe('from file');
    expect(await resolver.resolve({ file: await file('a\nb\r\n') })).toBe('a\nb');
    expect(await resolver.resolve({ encrypted: await encryptSecret('geheim €', key) })).toBe('geheim €');
  });

  it('reads a file anew each time, because it may have been rotated', async () => {
    const path = await file('old');
    expect(await resolver.resolve({ file: path })).toBe('old');
    await writeFile(path, 'new');
    expect(await resolver.resolve({ file: path })).toBe('new');
  });

  it.each([
    [{ env: 'NOT_THERE' }, 'SECRET_MISSING', 'NOT_THERE'],
    [{ env: 'EMPTY' }, 'SECRET_MISSING', 'EMPTY'],
    [{ file: '/no/such/file' }, 'SECRET_UNREADABLE', '/no/such/file'],
    [{ secret: 'stored' }, 'SECRET_UNSUPPORTED', 'stored'],
    [{ encrypted: 'garbage' }, 'SECRET_KEY_WRONG', 'another PROVISOR_KEY'],
  ])('says what is wrong with %o', async (reference, code, named) => {
    await expect(resolver.resolve(reference)).rejects.toMatchObject({ code, message: expect.stringContaining(named) });
  });

  it('never names a value', async () => {
    const problem = await resolver.resolve({ value: 'clear-text' }).catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(SecretProblem);
    expect((problem as SecretProblem).message).not.toContain('clear-text');
  });

  it('needs the key for what is encrypted, and the right one', async () => {
    const encrypted = await encryptSecret('geheim', key);
    await expect(new SecretResolver({ env: {} }).resolve({ encrypted })).rejects.toMatchObject({
      code: 'SECRET_KEY_MISSING',
    });
    const other = new SecretResolver({ env: {}, key: randomBytes(32) });
    await expect(other.resolve({ encrypted })).rejects.toMatchObject({ code: 'SECRET_KEY_WRONG' });
  });
});

describe('sealed values', () => {
  it('open under their key, differ each time, and have equal digests for equal values', async () => {
    const [one, two, other] = await Promise.all(['same', 'same', 'different'].map((text) => sealValue(text, key)));
    expect(await openValue(one!, key)).toBe('same');
    expect(one!.sealed).not.toBe(two!.sealed);
    expect(one!.digest).toBe(two!.digest);
    expect(one!.digest).not.toBe(other!.digest);
    expect((await sealValue('same', randomBytes(32))).digest).not.toBe(one!.digest);
  });

  it('do not open when altered', async () => {
    const value = await sealValue('text', key);
    const parts = value.sealed.split('.');
    parts[3] = Buffer.from('other').toString('base64url');
    await expect(openValue({ ...value, sealed: parts.join('.') }, key)).rejects.toMatchObject({
      code: 'SECRET_KEY_WRONG',
    });
  });
});

describe('loadKey', () => {
  it('takes the variable before the file, and undefined for neither', async () => {
    const provisorKeyFile = await file(`${key.toString('base64url')}\n`);
    expect(await loadKey({ provisorKeyFile })).toEqual(key);
    expect(await loadKey({ provisorKey: Buffer.alloc(32), provisorKeyFile })).toEqual(Buffer.alloc(32));
    expect(await loadKey({})).toBeUndefined();
  });

  it('refuses a file that holds something else', async () => {
    await expect(loadKey({ provisorKeyFile: await file('short') })).rejects.toMatchObject({ code: 'SECRET_KEY_WRONG' });
  });
});
