import { TARGET_TYPES } from '@provisor/contracts';
import { commonConfig, defineConfig, envSchema, type ConfigOf } from '@provisor/host';
import { z } from 'zod';

const fields = {
  ...commonConfig,
  targetType: {
    env: 'TARGET_TYPE',
    schema: z.enum(TARGET_TYPES, `one of ${TARGET_TYPES.join(', ')}`),
    description: 'Type of the service providers that this dispatcher serves; one deployment per type.',
    default: 'scim',
  },
  internalToken: {
    env: 'INTERNAL_TOKEN',
    schema: z.string().min(16, 'at least 16 characters').optional(),
    description: 'Bearer token that the services show each other. Required unless HTTP_HOST is a loopback address.',
    secret: true,
  },
  topicReplication: {
    env: 'TOPIC_REPLICATION',
    schema: envSchema.positiveInt(10).optional(),
    description: "Replication factor of topics that have to be made; the broker's default unless set.",
  },
} as const;

export const dispatcherConfig = defineConfig(fields);
export type DispatcherConfig = ConfigOf<typeof fields>;
