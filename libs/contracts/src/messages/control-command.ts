import { z } from 'zod';
import { holdKind, instant, name, objectId } from './values.js';

const common = { id: z.string().min(1).max(100), requestedBy: z.string().max(200), requestedAt: instant };

/** Which holds of an SP connection are decided: those that fit all that is given. */
const holds = {
  objectId: objectId.optional(),
  objectIds: z.array(objectId).min(1).max(1_000).optional(),
  kinds: z.array(holdKind).min(1).optional(),
  groupId: objectId.optional().describe('Only the ends of memberships of this group'),
};

/** What an operator asks for. Handled idempotently by `id`. */
export const controlCommand = z.discriminatedUnion('action', [
  z.object({ ...common, action: z.literal('pause'), spConnection: name }),
  z.object({ ...common, action: z.literal('resume'), spConnection: name }),
  z.object({ ...common, action: z.literal('release'), spConnection: name }),
  z.object({ ...common, action: z.literal('provision-now'), spConnection: name, objectId }),
  z.object({ ...common, action: z.literal('retry'), spConnection: name, objectId: objectId.optional() }),
  z.object({
    ...common,
    action: z.literal('reconcile'),
    spConnection: name,
    objectId: objectId.optional(),
    repair: z
      .boolean()
      .optional()
      .describe('Write what has drifted again; the differences are only reported otherwise'),
  }),
  z.object({ ...common, action: z.literal('approve'), spConnection: name, ...holds }),
  z.object({ ...common, action: z.literal('reject'), spConnection: name, ...holds }),
  z.object({ ...common, action: z.literal('replay'), deadLetterId: z.string().max(200) }),
  z.object({ ...common, action: z.literal('compare-source'), dataStore: name }),
  z.object({ ...common, action: z.literal('accept-source'), dataStore: name }),
]);
export type ControlCommand = z.infer<typeof controlCommand>;
