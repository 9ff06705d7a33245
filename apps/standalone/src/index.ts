export { startStandalone, type Standalone } from './standalone.js';
export { parseArguments, type StandaloneArguments } from './arguments.js';
