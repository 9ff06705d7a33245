import { z } from 'zod';
import { instant, name, objectId } from './values.js';

const common = { id: z.string().min(1).max(100), requestedBy: z.string().max(200), requestedAt: instant };

/** What an operator asks for. Handled idempotently by `id`. */
export const controlCommand = z.discriminatedUnion('action', [
  z.object({ ...common, action: z.literal('pause'), spConnection: name }),
  z.object({ ...common, action: z.literal('resume'), spConnection: name }),
  z.object({ ...common, action: z.literal('provision-now'), spConnection: name, objectId }),
  z.object({ ...common, action: z.literal('retry'), spConnection: name, objectId: objectId.optional() }),
  z.object({ ...common, action: z.literal('reconcile'), spConnection: name, objectId: objectId.optional() }),
  z.object({ ...common, action: z.literal('approve'), spConnection: name, objectId: objectId.optional() }),
  z.object({ ...common, action: z.literal('reject'), spConnection: name, objectId: objectId.optional() }),
  z.object({ ...common, action: z.literal('replay'), deadLetterId: z.string().max(200) }),
  z.object({ ...common, action: z.literal('compare-source'), dataStore: name }),
  z.object({ ...common, action: z.literal('accept-source'), dataStore: name }),
]);
export type ControlCommand = z.infer<typeof controlCommand>;
