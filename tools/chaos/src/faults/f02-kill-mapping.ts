import { killOf } from './kill-service.js';

export const killMapping = killOf({ id: 'F2', title: '`kill -9` of mapping', names: ['mapping'] });
