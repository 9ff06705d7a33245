import { readFileSync, writeFileSync } from 'node:fs';
import { ENDPOINTS } from '../endpoints.js';
import { VERSION } from '../version.js';
import { buildOpenApi } from './build-openapi.js';

/** Where the document lies in the repository. */
const FILE = new URL('../../../../docs/contracts/openapi.json', import.meta.url);

const text = `${JSON.stringify(buildOpenApi(ENDPOINTS, VERSION), null, 2)}\n`;

if (!process.argv.includes('--check')) writeFileSync(FILE, text);
else if (readText() !== text) {
  process.stderr.write(
    'docs/contracts/openapi.json is not what the endpoints say; write it anew with `node apps/admin-api/dist/openapi/main.js`.\n',
  );
  process.exitCode = 1;
}

function readText(): string | undefined {
  try {
    return readFileSync(FILE, 'utf8');
  } catch {
    return undefined;
  }
}
