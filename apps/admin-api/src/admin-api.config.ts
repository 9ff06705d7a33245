import { commonConfig, defineConfig, envSchema, type ConfigOf } from '@provisor/host';
import { duration, durationMs } from '@provisor/contracts';
import { z } from 'zod';

const url = z.url({ protocol: /^https?$/, error: 'an http:// or https:// URL' });
const urls = z
  .string()
  .transform((text) => text.split(',').map((item) => item.trim()))
  .pipe(z.array(url));
const retention = duration.transform(durationMs);

const fields = {
  ...commonConfig,
  adminToken: {
    env: 'ADMIN_TOKEN',
    schema: z
      .string()
      .regex(/^[\w.~+/=-]{16,512}$/, 'at least 16 letters, digits or any of . ~ + / = _ -')
      .optional(),
    description: 'Bearer token of the admin API; the one in ADMIN_TOKEN_FILE unless set.',
    secret: true,
  },
  adminTokenFile: {
    env: 'ADMIN_TOKEN_FILE',
    schema: z.string(),
    description:
      'File with the bearer token. It is made, readable by its owner only, if there is none and ADMIN_TOKEN is not set.',
    default: '.provisor/admin-token',
  },
  dispatcherUrls: {
    env: 'DISPATCHER_URLS',
    schema: urls.optional(),
    description: 'Base URLs of the dispatchers, separated by commas: where the state of SP connections is asked for.',
  },
  captureUrl: {
    env: 'CAPTURE_URL',
    schema: url.optional(),
    description: 'Base URL of change capture: where the state of data stores is asked for.',
  },
  internalToken: {
    env: 'INTERNAL_TOKEN',
    schema: z.string().optional(),
    description: 'Bearer token that the services show each other.',
    secret: true,
  },
  resultsRetention: {
    env: 'RESULTS_RETENTION',
    schema: retention,
    description: 'How long results are kept, for example 90d.',
    default: '90d',
  },
  deadLettersRetention: {
    env: 'DEAD_LETTERS_RETENTION',
    schema: retention,
    description: 'How long dead letters are kept, for example 90d.',
    default: '90d',
  },
  topicReplication: {
    env: 'TOPIC_REPLICATION',
    schema: envSchema.positiveInt(10).optional(),
    description: "Replication factor of topics that have to be made; the broker's default unless set.",
  },
} as const;

export const adminApiConfig = defineConfig(fields);
export type AdminApiConfig = ConfigOf<typeof fields>;
