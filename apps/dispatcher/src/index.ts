export { dispatcherService } from './dispatcher.service.js';
export { dispatcherConfig, type DispatcherConfig } from './dispatcher.config.js';
export { StatusReport, type ConnectionReport } from './status/status-report.js';
