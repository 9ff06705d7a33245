import { startScimTarget } from '../scim-target/scim-target.js';

/*
 * A process of its own, started by simulator.ts. One tenant, `main`.
 */
interface Settings {
  readonly port: number;
  readonly tokens: { readonly main: string };
}

const { port, tokens } = JSON.parse(process.env.SERVICE_PROVIDER ?? '{}') as Settings;
const target = await startScimTarget({ port, token: tokens.main });
process.stdout.write(`${JSON.stringify({ baseUrl: target.baseUrl('main'), port: target.port })}\n`);
process.once('SIGTERM', () => void target.stop());
