import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openInstallation } from './installation.js';

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'provisor-'))));
afterEach(() => rmSync(dir, { recursive: true }));

test('makes key and token once, for the owner only', () => {
  const first = openInstallation(join(dir, 'data'));
  expect(Buffer.from(first.token, 'base64url')).toHaveLength(32);
  for (const file of [first.keyFile, first.tokenFile]) expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(openInstallation(join(dir, 'data'))).toEqual(first);
});
