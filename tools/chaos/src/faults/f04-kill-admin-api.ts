import { killOf } from './kill-service.js';

export const killAdminApi = killOf({ id: 'F4', title: '`kill -9` of admin-api', names: ['admin-api'] });
