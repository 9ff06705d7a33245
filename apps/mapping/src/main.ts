import { runService } from '@provisor/host';
import { mappingService } from './mapping.service.js';

runService(mappingService);
