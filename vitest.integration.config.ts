import { defineConfig } from 'vitest/config';

/**
 * Tests with real components. The broker and the database come from PROVISOR_TEST_KAFKA and PROVISOR_TEST_DATABASE, or are
 * started once per run by the global set-up.
 */
export default defineConfig({
  resolve: { conditions: ['@provisor/source'] },
  ssr: { resolve: { conditions: ['@provisor/source'] } },
  // Test files are outside of tsconfig.json, from which the transformer would learn it.
  oxc: { decorator: { legacy: true } },
  test: {
    include: ['src/**/*.integration.test.ts'],
    exclude: ['**/node_modules/**'],
    environment: 'node',
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    globalSetup: [new URL('./libs/testing/src/test-services.setup.ts', import.meta.url).pathname],
    server: { deps: { inline: [/@provisor\//] } },
  },
});
