import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of this library, the same from `src` and from `dist`. */
export const libraryRoot = fileURLToPath(new URL('..', import.meta.url));

/** Where downloaded components are kept, shared by everything that starts them. PROVISOR_CACHE names another folder. */
export const cacheRoot = (env: NodeJS.ProcessEnv = process.env): string =>
  env['PROVISOR_CACHE'] ?? join(libraryRoot, '..', '..', '.cache');
