import { commonConfig, defineConfig, envSchema, type ConfigOf } from '@provisor/host';

const fields = {
  ...commonConfig,
  topicReplication: {
    env: 'TOPIC_REPLICATION',
    schema: envSchema.positiveInt(10).optional(),
    description: "Replication factor of topics that have to be made; the broker's default unless set.",
  },
} as const;

export const mappingConfig = defineConfig(fields);
export type MappingConfig = ConfigOf<typeof fields>;
