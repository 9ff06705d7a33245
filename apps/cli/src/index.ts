export { run } from './program.js';
export { EXIT } from './exit.js';
export type { Terminal } from './terminal.js';
