import { execFile } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A configuration file was not accepted; the message is what `provisor apply` said: file, line, column, path, what was expected. */
export class ConfigurationRefused extends Error {
  override readonly name = 'ConfigurationRefused';
}

/**
 * Applies the files with `provisor apply`, so that they mean the same as when a person applies them. Documents that are stored as
 * given already stay as they are. Returns what was said.
 *
 * @throws ConfigurationRefused
 */
export function applyConfiguration(files: readonly string[], at: { url: string; token: string }): Promise<string> {
  const program = join(dirname(fileURLToPath(import.meta.resolve('@provisor/cli'))), 'main.js');
  const args = [program, 'apply', ...files.flatMap((file) => ['-f', resolve(file)])];
  const env = { ...process.env, PROVISOR_URL: at.url, PROVISOR_TOKEN: at.token };
  return new Promise((done, reject) => {
    execFile(process.execPath, args, { env }, (error, stdout, stderr) => {
      if (error === null) done(stdout.trim());
      else reject(new ConfigurationRefused((stderr || stdout).trim() || error.message));
    });
  });
}
