import { z } from 'zod';
import { document } from '../documents/document.js';
import { instant } from './values.js';

/** A configuration document as stored by the admin API, with its version; a tombstone removes it. */
export const configurationRecord = z.object({
  version: z.int().positive().describe('Strictly increasing over all documents of an installation'),
  document,
  appliedAt: instant,
  appliedBy: z.string().max(200),
});
export type ConfigurationRecord = z.infer<typeof configurationRecord>;
