import { runService } from '@provisor/host';
import { adminApiService } from './admin-api.service.js';

runService(adminApiService);
