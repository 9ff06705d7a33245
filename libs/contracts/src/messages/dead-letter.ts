import { z } from 'zod';
import { instant } from './values.js';

/** A record that cannot be processed without a person, with all that is needed to understand and replay it. */
export const deadLetter = z.object({
  id: z.string().max(400).describe('`<topic>/<partition>/<offset>` of the record that failed'),
  stage: z.string().max(100),
  cause: z.object({ code: z.string().max(100), message: z.string().max(4000) }),
  origin: z.object({
    topic: z.string(),
    partition: z.int().nonnegative(),
    offset: z.string(),
    timestamp: instant,
    key: z.string().nullable(),
    headers: z.record(z.string(), z.string()),
  }),
  value: z.string().nullable().describe("The record's value in base64, cut at 256 KiB; `valueBytes` is its true size"),
  valueBytes: z.int().nonnegative(),
  whole: z
    .strictObject({ encoding: z.literal('gzip'), value: z.base64() })
    .optional()
    .describe(
      'The whole value of a record that `value` holds only a part of, compressed; absent where even that is too large',
    ),
  replayOf: z
    .string()
    .max(400)
    .optional()
    .describe('Id of the dead letter whose replay was this record: it failed again'),
  failedAt: instant,
});
export type DeadLetter = z.infer<typeof deadLetter>;
