export { systemClock, type Clock } from './clock.js';
export { MicroBatcher, type MicroBatcherOptions } from './batching/micro-batcher.js';
export {
  configTable,
  ConfigurationProblem,
  defineConfig,
  envSchema,
  type ConfigField,
  type ConfigFields,
  type ConfigOf,
  type ConfigRow,
  type ConfigSpec,
  type Environment,
} from './config.js';
export { commonConfig, type CommonConfig } from './common-config.js';
export {
  encryptSecret,
  loadKey,
  openValue,
  sealValue,
  SecretProblem,
  SecretResolver,
  type SecretProblemCode,
  type SecretResolverOptions,
} from './secrets.js';
export type { HealthReport, RequestHandler, RunningService, ServiceContext, ServiceDefinition } from './service.js';
export { runService } from './run-service.js';
export { DRAIN_MS, startService, type HostConfig, type StartedService, type StartOptions } from './start-service.js';
export { NestLogger } from './http/nest-logger.js';
export {
  fieldProblems,
  jsonPointer,
  PROBLEM_MEDIA_TYPE,
  problemDetails,
  sendProblem,
  type FieldProblem,
  type ProblemDetails,
} from './http/problem-details.js';
