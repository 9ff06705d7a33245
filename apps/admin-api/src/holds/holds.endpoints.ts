import { holdKind, values } from '@provisor/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint.js';
import { spConnectionName } from '../openapi/parameters.js';
import { named } from '../openapi/schema-names.js';

const count = z.int().nonnegative();
const counts = z.object({ delete: count, disable: count, blank: count, 'remove-member': count });
const party = { objectId: z.string(), label: z.string().optional() };

/** Lenient where it is read from a dispatcher: a newer one may say more. */
export const hold = named(
  'Hold',
  z.object({
    kind: holdKind,
    ...party,
    objectType: values.objectType,
    channel: z.string(),
    group: z.object(party).optional().describe('The group whose membership would end'),
    cause: z.string().describe('Why it was stopped, in words'),
    since: z.iso.datetime(),
    version: values.version,
    reason: z.string().describe('Why the change came to be'),
    occurredAt: z.iso.datetime(),
  }),
);

export const holdsPage = named(
  'HoldsPage',
  z.object({
    spConnection: z.string(),
    total: count.describe('Holds that fit, those of other pages included'),
    counts: counts.describe('The same by kind'),
    oldestSince: z.iso.datetime().nullable(),
    holds: z.array(hold),
    next: z.string().optional().describe('Cursor of the next page'),
  }),
);
export type HoldsPage = z.infer<typeof holdsPage>;

/** One value, or the same parameter several times. */
const several = <T extends z.ZodType<string>>(one: T, most: number) => z.union([one, z.array(one).min(1).max(most)]);

export const listHolds = defineEndpoint({
  id: 'listHolds',
  method: 'GET',
  path: '/v1/sp-connections/{name}/holds',
  tag: 'control',
  summary: 'Changes that a guard has stopped until somebody approves or rejects them, the longest held first',
  description: 'With the selection of an approval or a rejection it is the dry form of that: it says what would go.',
  params: z.object({ name: spConnectionName }),
  query: z.object({
    kind: several(holdKind, 4).optional().describe('Only these kinds'),
    objectId: several(values.objectId, 100).optional().describe('Only these objects'),
    groupId: values.objectId.optional().describe('Only the ends of memberships of this group'),
    cursor: z.string().max(2_000).optional(),
    limit: z.coerce.number().int().min(1).max(500).default(50),
  }),
  answer: { status: 200, description: 'A page of holds, with the number of all that fit', schema: holdsPage },
  problems: [404],
});
