#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);
if (existsSync(main)) await import(main.href);
else {
  process.stderr.write('provisor is not built yet: run `npx nx build cli` once.\n');
  process.exitCode = 1;
}
