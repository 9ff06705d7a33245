import { values } from '@provisor/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint.js';
import { objectIdOf, spConnectionName } from '../openapi/parameters.js';
import { named } from '../openapi/schema-names.js';

const instant = z.iso.datetime();
const attributes = z.record(z.string(), z.unknown()).describe('Target path to value; masked values are not shown');
const account = z.object({ presence: z.string(), attributes });

const wait = z.object({
  kind: z.string().describe('`hold`, `paused`, `quarantined`, `breaker-open`, `throttled`, `next-attempt`, `lane`, …'),
  what: z.string().describe('To complete “waits for …”'),
  until: instant.optional().describe('When it is over by itself, where that is known'),
});

/** The dispatcher's account of an object. What a newer dispatcher says besides is left out. */
export const objectExplanation = named(
  'ObjectExplanation',
  z.object({
    spConnection: z.string(),
    objectId: z.string(),
    objectType: values.objectType,
    label: z.string().nullish(),
    state: z.string().describe('`pending`, `creating`, `done`, `failed`, `held` or `skipped`'),
    version: values.version,
    lane: values.lane,
    reason: z.string().describe('Why the desired state was told'),
    desired: account,
    applied: account.nullish().describe('What was last written; null where nothing was'),
    seen: account
      .extend({ at: instant })
      .nullish()
      .describe('What a reconciliation last read where it differed from what was written; null where it never did'),
    targetId: z.string().nullish(),
    attempts: z.int(),
    lastOutcome: z
      .object({
        kind: z.string(),
        code: z.string(),
        cause: z.string().optional(),
        remedy: z.string().optional(),
        httpStatus: z.int().optional(),
        at: instant,
      })
      .nullish(),
    nextAttemptAt: instant.nullish(),
    waits: z
      .array(wait)
      .optional()
      .describe('What stands in the way, the most decisive first; empty where nothing does'),
    plan: z
      .object({
        kind: z.string(),
        what: z.string(),
        set: z.array(z.string()).optional(),
        clear: z.array(z.string()).optional(),
      })
      .nullish()
      .describe('What the next attempt would do, as far as it can be told without asking the target'),
    occurredAt: instant.describe('When the source changed'),
    desiredAt: instant,
    appliedAt: instant.nullish(),
    edges: z
      .array(
        z.object({
          memberId: z.string(),
          kind: z.string(),
          otherId: z.string(),
          desired: z.boolean(),
          applied: z.boolean(),
          cause: z.string().nullish(),
          waitsFor: z.string().nullish(),
        }),
      )
      .describe('Memberships and references, those that wait first'),
  }),
);
export type ObjectExplanation = z.infer<typeof objectExplanation>;

export const explainObject = defineEndpoint({
  id: 'explainObject',
  method: 'GET',
  path: '/v1/sp-connections/{name}/objects/{objectId}',
  tag: 'objects',
  summary: 'One object at one SP connection: desired, written, seen, last and next attempt, and what it waits for',
  params: z.object({ name: spConnectionName, objectId: objectIdOf }),
  answer: { status: 200, description: 'The state now, from the dispatcher', schema: objectExplanation },
  problems: [404],
});
