export { Installation, type InstallationOptions } from './installation/installation.js';
export { DATA_STORE } from './installation/documents.js';
export {
  DRAIN_BOUND_MS,
  SERVICES,
  ServiceProcess,
  type Ended,
  type ServiceName,
} from './installation/service-process.js';
export { ServiceProvider } from './installation/service-provider.js';
export { SourceDirectory } from './installation/source-directory.js';
export { Gate } from './installation/gate.js';
export type { Direction, Toxics } from './installation/toxics.js';
export { Closings } from './installation/closings.js';
