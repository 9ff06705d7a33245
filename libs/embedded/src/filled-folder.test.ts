import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { filledFolder } from './filled-folder.js';

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'provisor-filled-'))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const writing = (text: string) => async (dir: string) => writeFileSync(join(dir, 'file'), text);
const textOf = (dir: string) => readFileSync(join(dir, 'file'), 'utf8');

test('calls at the same time fill the folder once, and each gets it whole', async () => {
  let fillings = 0;
  const fill = async (dir: string) => {
    fillings += 1;
    await Promise.resolve();
    await writing('whole')(dir);
  };
  const folders = await Promise.all(Array.from({ length: 5 }, () => filledFolder(join(root, 'jars'), fill)));
  expect(folders.map(textOf)).toEqual(Array(5).fill('whole'));
  expect(fillings).toBe(1);
  expect(readdirSync(root)).toEqual(['jars']);
});

test('a full folder is not filled again', async () => {
  await filledFolder(join(root, 'jars'), writing('first'));
  expect(textOf(await filledFolder(join(root, 'jars'), writing('second')))).toBe('first');
});

test('what another process has finished meanwhile is taken and not touched', async () => {
  const dir = join(root, 'jars');
  const overtaken = async (own: string) => {
    await writing('second')(own);
    mkdirSync(dir);
    await writing('first')(dir);
  };
  expect(textOf(await filledFolder(dir, overtaken))).toBe('first');
  expect(readdirSync(root)).toEqual(['jars']);
});

test('a filling that fails leaves nothing behind, and the next call tries again', async () => {
  const dir = join(root, 'jars');
  const failing = async (own: string) => {
    await writing('half')(own);
    throw new Error('no network');
  };
  await expect(filledFolder(dir, failing)).rejects.toThrow('no network');
  expect(readdirSync(root)).toEqual([]);
  expect(textOf(await filledFolder(dir, writing('whole')))).toBe('whole');
});
