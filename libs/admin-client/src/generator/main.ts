import { readFileSync, writeFileSync } from 'node:fs';
import { generateClient } from './generate-client.js';
import type { OpenApi } from './openapi.js';

const SOURCE = new URL('../../../../docs/contracts/openapi.json', import.meta.url);
const TARGET = new URL('../../src/generated/admin-operations.ts', import.meta.url);

const text = generateClient(JSON.parse(readFileSync(SOURCE, 'utf8')) as OpenApi);

if (!process.argv.includes('--check')) writeFileSync(TARGET, text);
else if (readFileSync(TARGET, 'utf8') !== text) {
  process.stderr.write(
    'The admin client is not what docs/contracts/openapi.json says; write it anew with `node libs/admin-client/dist/generator/main.js`.\n',
  );
  process.exitCode = 1;
}
