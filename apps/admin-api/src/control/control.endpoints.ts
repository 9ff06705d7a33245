import { holdKind, values } from '@provisor/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint.js';
import { dataStoreName, objectIdOf, spConnectionName } from '../openapi/parameters.js';
import { named } from '../openapi/schema-names.js';

export const accepted = {
  status: 202,
  description: 'Stored and on its way to the services',
  schema: named(
    'ControlAccepted',
    z.object({ id: z.string().describe('Id of the control command'), action: z.string() }),
  ),
} as const;

const tag = 'control';
const connection = z.object({ name: spConnectionName });

/** For actions that may be about one object only. */
const someObject = named(
  'ControlScope',
  z.strictObject({
    objectId: values.objectId.optional().describe('Only this object; all of the SP connection where absent'),
  }),
)
  .optional()
  .default({});

/** Which holds are decided: those that fit all that is given. */
const someHolds = named(
  'HoldSelection',
  z.strictObject({
    objectId: values.objectId.optional().describe('Only this object; all of the SP connection where nothing is given'),
    objectIds: z.array(values.objectId).min(1).max(1_000).optional().describe('Only these objects'),
    kinds: z.array(holdKind).min(1).optional().describe('Only these kinds'),
    groupId: values.objectId.optional().describe('Only the ends of memberships of this group'),
  }),
)
  .optional()
  .default({});

export const pauseConnection = defineEndpoint({
  id: 'pauseSpConnection',
  method: 'POST',
  path: '/v1/sp-connections/{name}/pause',
  tag,
  summary: 'Make no more calls to this service provider; what changes meanwhile is kept',
  params: connection,
  answer: accepted,
  problems: [404],
});

export const resumeConnection = defineEndpoint({
  id: 'resumeSpConnection',
  method: 'POST',
  path: '/v1/sp-connections/{name}/resume',
  tag,
  summary: 'Go on after a pause',
  params: connection,
  answer: accepted,
  problems: [404],
});

export const retryConnection = defineEndpoint({
  id: 'retrySpConnection',
  method: 'POST',
  path: '/v1/sp-connections/{name}/retry',
  tag,
  summary: 'Try failed objects again now',
  params: connection,
  body: someObject,
  answer: accepted,
  problems: [404],
});

export const approveConnection = defineEndpoint({
  id: 'approveSpConnection',
  method: 'POST',
  path: '/v1/sp-connections/{name}/approve',
  tag,
  summary: 'Let changes go on that a guard has stopped',
  params: connection,
  body: someHolds,
  answer: accepted,
  problems: [404],
});

export const rejectConnection = defineEndpoint({
  id: 'rejectSpConnection',
  method: 'POST',
  path: '/v1/sp-connections/{name}/reject',
  tag,
  summary: 'Do not carry out what a guard has stopped',
  params: connection,
  body: someHolds,
  answer: accepted,
  problems: [404],
});

export const provisionNow = defineEndpoint({
  id: 'provisionNow',
  method: 'POST',
  path: '/v1/sp-connections/{name}/objects/{objectId}/provision-now',
  tag,
  summary: 'Map and send one object now, before all others',
  params: connection.extend({ objectId: objectIdOf }),
  answer: accepted,
  problems: [404],
});

export const compareDataStore = defineEndpoint({
  id: 'compareDataStore',
  method: 'POST',
  path: '/v1/data-stores/{name}/compare',
  tag,
  summary: 'Compare the whole data store with what was captured, now',
  params: z.object({ name: dataStoreName }),
  answer: accepted,
  problems: [404],
});

export const acceptDataStore = defineEndpoint({
  id: 'acceptDataStore',
  method: 'POST',
  path: '/v1/data-stores/{name}/accept',
  tag,
  summary: 'Accept that objects are missing from the data store and let the removals go on',
  params: z.object({ name: dataStoreName }),
  answer: accepted,
  problems: [404],
});
