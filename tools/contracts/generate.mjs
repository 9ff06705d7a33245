// Writes what follows from the schema values of libs/contracts: JSON Schema files, the AsyncAPI document, and the generated parts of
// docs/topics.md and docs/configuration.md. `--check` writes nothing and exits 1 where a file is out of date. `--publish` makes the
// current schemas the baseline that later ones must stay compatible with. Needs a built libs/contracts.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { asyncApi } from '../../libs/contracts/dist/generation/async-api.js';
import { compareSchemas } from '../../libs/contracts/dist/generation/compare-schemas.js';
import { configurationTables } from '../../libs/contracts/dist/generation/configuration-markdown.js';
import { jsonSchema, SCHEMA_NAMES } from '../../libs/contracts/dist/generation/json-schemas.js';
import { topicsMarkdown } from '../../libs/contracts/dist/generation/topics-markdown.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const check = process.argv.includes('--check');
const publish = process.argv.includes('--publish');
const schemas = 'libs/contracts/schemas';
const json = (value) => `${JSON.stringify(value, null, 2)}\n`;
const read = (path) => readFileSync(join(root, path), 'utf8');

/** A page with the generated parts between their markers replaced. */
function withGenerated(path, parts) {
  return Object.entries(parts).reduce((page, [name, text]) => {
    const [begin, end] = [`<!-- generated: ${name} -->`, '<!-- end -->'];
    const from = page.indexOf(begin);
    const to = page.indexOf(end, from);
    if (from < 0 || to < 0) throw new Error(`${path} lacks the markers "${begin}" and "${end}".`);
    return `${page.slice(0, from)}${begin}\n\n${text}\n\n${page.slice(to)}`;
  }, read(path));
}

async function files() {
  const { version } = JSON.parse(read('libs/contracts/package.json'));
  const markdown = (text) => format(text, { parser: 'markdown', singleQuote: true, printWidth: 120 });
  return {
    ...Object.fromEntries(SCHEMA_NAMES.map((name) => [`${schemas}/${name}.schema.json`, json(jsonSchema(name))])),
    'docs/contracts/asyncapi.json': json(asyncApi(version)),
    'docs/topics.md': await markdown(withGenerated('docs/topics.md', { topics: topicsMarkdown() })),
    'docs/configuration.md': await markdown(withGenerated('docs/configuration.md', configurationTables())),
  };
}

function published() {
  const broken = [];
  const result = {};
  for (const name of SCHEMA_NAMES) {
    const path = `${schemas}/published/${name}.schema.json`;
    const current = jsonSchema(name);
    if (existsSync(join(root, path)))
      for (const { at, reason } of compareSchemas(JSON.parse(read(path)), current))
        broken.push(`${name}${at}: ${reason}`);
    result[path] = json(current);
  }
  if (broken.length > 0)
    throw new Error(`The schemas break what is published:\n${broken.map((line) => `  ${line}\n`).join('')}`);
  return result;
}

const wanted = { ...(await files()), ...(publish ? published() : {}) };
const outOfDate = Object.entries(wanted).filter(([path, text]) => !existsSync(join(root, path)) || read(path) !== text);
if (!check) {
  for (const [path, text] of outOfDate) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}
if (outOfDate.length > 0) {
  const head = check ? 'Out of date; run node tools/contracts/generate.mjs' : 'Written';
  process.stdout.write(`${head}:\n${outOfDate.map(([path]) => `  ${path}\n`).join('')}`);
  if (check) process.exitCode = 1;
}
