import { z } from 'zod';

/**
 * Where a secret comes from: an environment variable or a mounted file of the service that needs it, a secret stored through the
 * admin API, or the value itself. `value` is accepted at the admin API only, which turns it and `secret` into `encrypted`
 * (a JWE under PROVISOR_KEY) before anything is stored or published.
 */
export const secretReference = z
  .union([
    z.strictObject({
      env: z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable')
        .describe('the name of an environment variable of the service that needs the secret'),
    }),
    z.strictObject({
      file: z.string().min(1).describe('a file that is mounted into the service that needs the secret'),
    }),
    z.strictObject({
      secret: z.string().min(1).max(200).describe('the name of a secret stored through the admin API'),
    }),
    z.strictObject({ encrypted: z.string().min(1).describe('a JWE under PROVISOR_KEY, as the admin API stores it') }),
    z.strictObject({
      value: z.string().min(1).describe('the secret itself; accepted by the admin API only, which encrypts it'),
    }),
  ])
  .meta({ title: 'secret', description: 'a secret as { env: NAME }, { file: PATH } or { secret: STORED_NAME }' });
export type SecretReference = z.infer<typeof secretReference>;
