export { dispatcherService } from './dispatcher.service.js';
export { dispatcherConfig, type DispatcherConfig } from './dispatcher.config.js';
export { StatusReport, type ConnectionReport } from './status/status-report.js';
export { DispatchEngine, type Configurations, type DispatchEngineOptions } from './engine/dispatch-engine.js';
export type { DispatchStores } from './engine/dispatch-stores.js';
export { rejectedHoldRecord } from './delivery/result-record.js';
export type { ScopedCommand } from './ingest/ingest-command.js';
