import { SERVICES } from '@provisor/e2e';
import { killOf } from './kill-service.js';

export const killAll = killOf({ id: 'F5', title: '`kill -9` of all services at once', names: SERVICES });
