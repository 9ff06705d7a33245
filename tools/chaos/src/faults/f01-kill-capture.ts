import { killOf } from './kill-service.js';

export const killCapture = killOf({ id: 'F1', title: '`kill -9` of change-capture', names: ['change-capture'] });
