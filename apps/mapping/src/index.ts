export { mappingService } from './mapping.service.js';
export { mappingConfig, type MappingConfig } from './mapping.config.js';
