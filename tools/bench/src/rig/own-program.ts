import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A built program of this package, also when this file runs from its source. */
export const ownProgram = (name: string): string =>
  join(dirname(createRequire(import.meta.url).resolve('@provisor/bench/package.json')), 'dist', `${name}.js`);
