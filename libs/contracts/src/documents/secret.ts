import { z } from 'zod';

/**
 * Where a secret comes from: an environment variable or a mounted file of the service that needs it, a secret stored through the
 * admin API, or the value itself. `value` is accepted at the admin API only, which turns it and `secret` into `encrypted`
 * (a JWE under PROVISOR_KEY) before anything is stored or published.
 */
export const secretReference = z.union([
  z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable') }),
  z.strictObject({ file: z.string().min(1) }),
  z.strictObject({ secret: z.string().min(1).max(200) }),
  z.strictObject({ encrypted: z.string().min(1) }),
  z.strictObject({ value: z.string().min(1) }),
]);
export type SecretReference = z.infer<typeof secretReference>;
