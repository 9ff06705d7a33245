import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { percentile } from '../statistics/percentile.js';

/** C4: a write of 8 KB and its way to the disk, in milliseconds, median. */
export function diskCeiling(dir: string, writes: number): number {
  const file = join(dir, 'fsync.probe');
  const descriptor = openSync(file, 'w');
  const block = Buffer.alloc(8192, 1);
  try {
    const took = Array.from({ length: writes }, () => {
      const began = performance.now();
      writeSync(descriptor, block);
      fdatasyncSync(descriptor);
      return performance.now() - began;
    });
    return percentile(took, 50);
  } finally {
    closeSync(descriptor);
    rmSync(file, { force: true });
  }
}
