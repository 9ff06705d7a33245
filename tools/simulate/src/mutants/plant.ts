import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Mutant } from './mutants.js';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

/**
 * Plants a bug into what this process loads from now on. Nothing is written: the text is changed on its way from the file. Throws,
 * when the file is loaded, where the text is not there exactly once, so that a mutant cannot become a harmless one unnoticed.
 */
export function plant(mutant: Mutant): void {
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      const patches = mutant.patches.filter(
        ({ file }) => url.startsWith('file:') && fileURLToPath(url) === `${root}${file}`,
      );
      if (patches.length === 0) return loaded;
      const text =
        typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString();
      return { ...loaded, source: patches.reduce(patched, text) };
    },
  });

  function patched(text: string, { file, find, replace }: Mutant['patches'][number]): string {
    const parts = text.split(find);
    if (parts.length !== 2)
      throw new Error(
        `${mutant.name}: the text is ${parts.length - 1} times in ${file}, and should be there once: ${find}`,
      );
    return parts.join(replace);
  }
}
