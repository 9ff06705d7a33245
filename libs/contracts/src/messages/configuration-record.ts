import { z } from 'zod';
import { document } from '../documents/document.js';
import { instant } from './values.js';

/** A configuration document as stored by the admin API, with its version; a tombstone removes it. */
export const configurationRecord = z.object({
  /** Strictly increasing over all documents of an installation. */
  version: z.int().positive(),
  document,
  appliedAt: instant,
  appliedBy: z.string().max(200),
});
export type ConfigurationRecord = z.infer<typeof configurationRecord>;
