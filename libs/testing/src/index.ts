export { startScimTarget, type ScimTarget, type ScimTargetOptions } from './scim-target/scim-target.js';
export type { Tenant, TenantSettings } from './scim-target/tenant.js';
export type { Fault, FaultKind, FaultMatch, ThrottleStyle } from './scim-target/faults.js';
export type { Effect, LedgerEntry } from './scim-target/ledger.js';
export { FakeClock, settled } from './fake-clock.js';
export { NotInTime, until, type Patience } from './until.js';
export { createTestDatabase, type TestDatabase } from './test-database.js';
export { startBetterAuth, type BetterAuthOptions } from './service-providers/better-auth.js';
export { startSimulator, type SimulatorOptions } from './service-providers/simulator.js';
export { startScimmy, type ScimmyOptions } from './service-providers/scimmy.js';
export type { ServiceProvider } from './service-providers/service-provider.js';
export {
  startContainerKafka,
  startContainerPostgres,
  whyNoContainers,
  type ContainerKafka,
  type ContainerPostgres,
} from './containers/test-containers.js';
