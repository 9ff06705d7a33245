// Keeps every project's tsconfig files in step with the workspace dependencies of its package.json.
// `node tools/workspace/references.mjs` checks and exits 1 on a difference; `--write` mends it.
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = new URL('../..', import.meta.url).pathname;
const write = process.argv.includes('--write');
const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const projects = new Map();
for (const pattern of workspaces) {
  for (const file of globSync(join(root, pattern, 'package.json'))) {
    const manifest = JSON.parse(readFileSync(file, 'utf8'));
    projects.set(manifest.name, { manifest, dir: dirname(file) });
  }
}

/** Development dependencies are for tests: what is built does not wait for them. */
const references = ({ manifest, dir }, { tests }) =>
  Object.keys({ ...manifest.dependencies, ...(tests ? manifest.devDependencies : {}) })
    .filter((name) => projects.has(name))
    .sort()
    .map((name) => ({ path: relative(dir, projects.get(name).dir) }));

const toRoot = (dir) => relative(dir, root) || '.';

const files = (project) => {
  const base = join(toRoot(project.dir), 'tsconfig.base.json');
  return {
    'tsconfig.json': {
      extends: base,
      compilerOptions: { rootDir: 'src', outDir: 'dist', tsBuildInfoFile: 'dist/.tsbuildinfo' },
      include: ['src/**/*.ts'],
      exclude: ['src/**/*.test.ts', 'src/**/*.fixture.ts'],
      references: references(project, { tests: false }),
    },
    'tsconfig.test.json': {
      extends: base,
      compilerOptions: { rootDir: 'src', noEmit: true, composite: false, incremental: false },
      include: ['src/**/*.ts'],
      references: references(project, { tests: true }),
    },
  };
};

const rootConfig = {
  files: [],
  references: [...projects.values()]
    .map(({ dir }) => ({ path: relative(root, dir) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1)),
};

const different = [];
const expect = (file, value) => {
  const text = `${JSON.stringify(value, null, 2)}\n`;
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  different.push(relative(root, file));
  if (write) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
};

for (const project of projects.values()) {
  for (const [name, value] of Object.entries(files(project))) expect(join(project.dir, name), value);
  const tags = project.manifest.nx?.tags ?? [];
  if (!tags.some((tag) => tag.startsWith('type:')))
    different.push(`${relative(root, project.dir)}/package.json: no type: tag`);
}
expect(join(root, 'tsconfig.json'), rootConfig);

if (different.length > 0) {
  process.stdout.write(
    `${write ? 'Written' : 'Out of step; run npm run references'}:\n${different.map((f) => `  ${f}\n`).join('')}`,
  );
  if (!write) process.exit(1);
}
