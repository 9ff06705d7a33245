import { defineConfig } from 'vitest/config';

/** Unit and property tests: no broker, no database, no network beyond loopback. */
export default defineConfig({
  resolve: { conditions: ['@provisor/source'] },
  ssr: { resolve: { conditions: ['@provisor/source'] } },
  // Test files are outside of tsconfig.json, from which the transformer would learn it.
  oxc: { decorator: { legacy: true } },
  test: {
    include: ['src/**/*.test.ts'],
    exclude: ['src/**/*.integration.test.ts', '**/node_modules/**'],
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    server: { deps: { inline: [/@provisor\//] } },
  },
});
