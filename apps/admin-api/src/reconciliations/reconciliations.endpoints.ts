import { values } from '@provisor/contracts';
import { z } from 'zod';
import { accepted } from '../control/control.endpoints.js';
import { defineEndpoint } from '../http/endpoint.js';
import { spConnectionName } from '../openapi/parameters.js';
import { named } from '../openapi/schema-names.js';

const instant = z.iso.datetime();
const count = z.int().nonnegative();
const tag = 'reconciliation';

const sample = named(
  'ReconciliationSample',
  z.object({
    kind: z.enum(['drifted', 'missing', 'unknown', 'adopted', 'missing-member', 'unknown-member']),
    objectType: values.objectType,
    objectId: z.string().optional(),
    targetId: z.string().optional(),
    paths: z.array(z.string()).optional().describe('Target paths that differ; values are not shown'),
    memberId: z
      .string()
      .optional()
      .describe('Of a membership: the member; `objectId` and `targetId` are those of the group'),
    memberTargetId: z.string().optional(),
    repaired: z.boolean().optional(),
  }),
);

const reconciliation = named(
  'Reconciliation',
  z.object({
    id: z.string().describe('Id of the control command that asked for it'),
    spConnection: z.string(),
    objectId: z.string().nullable().describe('Null where the whole SP connection is compared'),
    scheduled: z.boolean(),
    repair: z.boolean(),
    requestedBy: z.string(),
    requestedAt: instant,
    startedAt: instant.nullable(),
    finishedAt: instant.nullable(),
    state: z
      .enum(['waiting', 'running', 'done', 'incomplete', 'failed'])
      .describe('`incomplete`: the target showed less than it told of, so that nothing is known to be missing'),
    cause: z.string().nullable(),
    progress: z.object({ objectType: values.objectType.nullable(), listed: count, total: count.nullable() }),
    counts: z.object({
      accounts: count.optional(),
      asWritten: count.optional(),
      drifted: count.optional(),
      repaired: count.optional().describe('Drifted ones that are written again'),
      missing: count.optional(),
      plannedAgain: count.optional().describe('Missing ones that are provisioned again'),
      unknown: count.optional().describe('Accounts that belong to no object; never changed'),
      adopted: count.optional(),
      members: count.optional().describe('Members that the target shows of groups that are ours'),
      membersMissing: count.optional().describe('Memberships that were written and are not shown'),
      membersAgain: count.optional().describe('Missing ones that are made again'),
      membersUnknown: count.optional().describe('Members that nothing here made members'),
      membersRemoved: count.optional().describe('Unknown ones that are removed, as the policy says'),
      inWork: count.optional().describe('Not compared, because they were written meanwhile'),
      restarts: count.optional().describe('How often the run began anew, because the target gave up its list'),
    }),
    samples: z.array(sample).describe('The first of each kind'),
    requests: count.describe('HTTP requests that reading took'),
  }),
);

export const reconciliationPage = named('Reconciliations', z.object({ reconciliations: z.array(reconciliation) }));
export type ReconciliationPage = z.infer<typeof reconciliationPage>;

export const reconcileConnection = defineEndpoint({
  id: 'reconcileSpConnection',
  method: 'POST',
  path: '/v1/sp-connections/{name}/reconcile',
  tag,
  summary: 'Compare what was written with what the service provider has; report or repair what differs',
  params: z.object({ name: spConnectionName }),
  body: named(
    'ReconcileRequest',
    z.strictObject({
      objectId: values.objectId.optional().describe('Only this object; everything where absent'),
      repair: z.boolean().optional().describe('Write again what has drifted; only report it where absent'),
    }),
  )
    .optional()
    .default({}),
  answer: accepted,
  problems: [404],
});

export const listReconciliations = defineEndpoint({
  id: 'listReconciliations',
  method: 'GET',
  path: '/v1/sp-connections/{name}/reconciliations',
  tag,
  summary: 'Comparisons of an SP connection with its service provider, the newest first',
  params: z.object({ name: spConnectionName }),
  query: z.object({ limit: z.coerce.number().int().min(1).max(100).default(20) }),
  answer: { status: 200, description: 'Those under way too', schema: reconciliationPage },
  problems: [404],
});
