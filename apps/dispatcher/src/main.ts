import { runService } from '@provisor/host';
import { dispatcherService } from './dispatcher.service.js';

runService(dispatcherService);
