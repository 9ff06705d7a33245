import { killOf } from './kill-service.js';

export const killDispatcher = killOf({ id: 'F3', title: '`kill -9` of dispatcher', names: ['dispatcher'] });
