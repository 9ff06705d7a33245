import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';

const underway = new Map<string, Promise<string>>();

/**
 * A folder that exists whole or not at all: filled at the first call, left as it is afterwards, so that its name must say what is in
 * it. Calls at the same time share one filling within a process; between processes the first to finish counts, and nobody's folder is
 * replaced while it is in use.
 *
 * @throws whatever `fill` throws, unless somebody else has filled the folder meanwhile.
 */
export function filledFolder(dir: string, fill: (emptyDir: string) => Promise<void>): Promise<string> {
  const running = underway.get(dir) ?? fillOnce(dir, fill).finally(() => underway.delete(dir));
  underway.set(dir, running);
  return running;
}

async function fillOnce(dir: string, fill: (emptyDir: string) => Promise<void>): Promise<string> {
  if (existsSync(dir)) return dir;
  const part = `${dir}.part-${randomUUID()}`;
  mkdirSync(part, { recursive: true });
  try {
    await fill(part);
    renameSync(part, dir);
  } catch (error) {
    // A folder that is not empty cannot be replaced by renaming: then another process was first.
    if (!existsSync(dir)) throw error;
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
  return dir;
}
