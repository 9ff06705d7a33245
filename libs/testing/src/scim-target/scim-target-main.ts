import { parseArgs } from 'node:util';
import { startScimTarget } from './scim-target.js';

/*
 * The target as a process of its own, for benchmarks:
 *   node dist/scim-target/scim-target-main.js --port 7010 --token secret --service-time 20
 * Prints one line of JSON when it is ready. SIGTERM ends it.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    token: { type: 'string' },
    'service-time': { type: 'string', default: '0' },
    'max-members': { type: 'string', default: '1000' },
  },
});
const target = await startScimTarget({
  port: Number(values.port),
  ...(values.token === undefined ? {} : { token: values.token }),
  settings: { serviceTimeMs: Number(values['service-time']), maxMembersPerPatch: Number(values['max-members']) },
});
process.stdout.write(`${JSON.stringify({ ready: true, port: target.port, token: target.token })}\n`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void target.stop());
