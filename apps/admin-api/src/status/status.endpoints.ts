import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint.js';
import { spConnectionName } from '../openapi/parameters.js';
import { named } from '../openapi/schema-names.js';

const count = z.int().nonnegative();

export const connectionStatus = named(
  'SpConnectionStatus',
  z.object({
    name: z.string(),
    targetType: z.string().optional(),
    configVersion: z
      .int()
      .optional()
      .describe('Version of the document; absent where only the dispatcher still knows it'),
    state: z
      .enum(['active', 'inactive', 'paused', 'quarantined', 'unknown'])
      .describe('`unknown` when nobody answers who could know; `reason` says why'),
    reason: z.string().optional(),
    counts: z
      .object({
        desired: count.describe('Objects that should be at the service provider or were there'),
        applied: count.describe('Objects that are there as desired'),
        pending: count.describe('Objects that wait for a call'),
        failed: count.describe('Objects that wait for a person or a newer state'),
        held: count.describe('Objects that wait for approval'),
        skipped: count.optional(),
        waitingMemberships: count.optional(),
        heldMemberships: count.optional().describe('Ends of memberships that wait for approval'),
      })
      .optional()
      .describe('Absent when not known: never an estimate'),
    accounting: z
      .object({
        accepted: count.describe('Versions of desired states that were taken in since the beginning'),
        succeeded: count,
        failed: count,
        dead: count.describe('Commands that could be read and not be taken in: they are in dead letters'),
        superseded: count.describe('Taken over by a newer version before they were delivered'),
        skipped: count.describe('Not to be delivered, by policy or because a person rejected it'),
        held: count,
        pending: count,
        difference: z.int().describe('accepted less all others: 0, or something was lost or counted twice'),
      })
      .optional()
      .describe('What became of every version that was taken in'),
    oldestPendingAgeMs: z
      .number()
      .nullable()
      .optional()
      .describe('Null when nothing is pending, absent when not known'),
    quarantine: z
      .object({
        code: z.string().optional(),
        cause: z.string().optional(),
        remedy: z.string().optional(),
        since: z.string().optional(),
        probeAt: z.string().nullable().optional(),
      })
      .optional(),
    throttledUntil: z.string().optional(),
    failures: z
      .array(z.object({ code: z.string(), outcome: z.string(), objects: count, example: z.string().optional() }))
      .optional()
      .describe('What the last results of failing objects say, the most frequent first'),
  }),
);

const dataStoreStatus = named(
  'DataStoreStatus',
  z.object({
    name: z.string(),
    type: z.string(),
    configVersion: z.int(),
    state: z.string().describe('As change capture says; `unknown` when it does not answer'),
    reason: z.string().optional(),
    details: z.record(z.string(), z.unknown()).optional(),
  }),
);

export const getStatus = defineEndpoint({
  id: 'getStatus',
  method: 'GET',
  path: '/v1/status',
  tag: 'status',
  summary: 'State of everything: SP connections, data stores, dead letters',
  answer: {
    status: 200,
    description: 'The state now',
    schema: named(
      'Status',
      z.object({
        at: z.iso.datetime(),
        spConnections: z.array(connectionStatus),
        dataStores: z.array(dataStoreStatus),
        deadLetters: count,
        problems: z.array(z.string()).describe('Services that do not answer, in words'),
      }),
    ),
  },
});

export const getConnectionStatus = defineEndpoint({
  id: 'getSpConnectionStatus',
  method: 'GET',
  path: '/v1/sp-connections/{name}/status',
  tag: 'status',
  summary: 'State of one SP connection, with what fails most',
  params: z.object({ name: spConnectionName }),
  answer: { status: 200, description: 'The state now', schema: connectionStatus },
  problems: [404],
});
