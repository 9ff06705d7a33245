import { relative } from 'node:path';

/** A path as it is shortest from the present folder, for lines that a person copies. */
export function fromHere(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}
