import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './engine.mjs';

const NODE_IMAGE = 'node:24-bookworm-slim';

/**
 * The image that the services' images are built from. Where this machine trusts certificate authorities of its own
 * (NODE_EXTRA_CA_CERTS), as behind a proxy that signs TLS, the packages of a build come by the same way: the image then trusts them too.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string>}
 */
export async function baseImage(env) {
  if (env.NODE_IMAGE !== undefined) return env.NODE_IMAGE;
  if (!env.NODE_EXTRA_CA_CERTS) return NODE_IMAGE;
  const context = mkdtempSync(join(tmpdir(), 'provisor-base-image-'));
  try {
    copyFileSync(env.NODE_EXTRA_CA_CERTS, join(context, 'authorities.pem'));
    writeFileSync(
      join(context, 'Dockerfile'),
      [
        `FROM ${NODE_IMAGE}`,
        'COPY authorities.pem /etc/ssl/authorities.pem',
        'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/authorities.pem NPM_CONFIG_CAFILE=/etc/ssl/authorities.pem',
        '',
      ].join('\n'),
    );
    const image = 'provisor/test-base:local';
    await run('docker', ['build', '--tag', image, context]);
    return image;
  } finally {
    rmSync(context, { recursive: true });
  }
}
