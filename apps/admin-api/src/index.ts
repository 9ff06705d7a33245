export { adminApiService, createAdminApiService } from './admin-api.service.js';
export { adminApiConfig, type AdminApiConfig } from './admin-api.config.js';
export { loadAdminToken } from './admin-token.js';
export {
  connectionState,
  type ConnectionState,
  type DispatcherAnswers,
  type ObjectAnswer,
  type StatusSource,
} from './status/status-source.js';
