import { tokensOf } from './better-auth.js';
import { startServiceProvider, type ServiceProvider } from './service-provider.js';

export interface SimulatorOptions {
  /** Any free port unless given. */
  readonly port?: number;
  /** The token of the one tenant, `main`; made up unless given. */
  readonly token?: string;
}

/** Our own SCIM target in a process of its own: fast enough to show what Provisor itself can do. */
export function startSimulator(options: SimulatorOptions = {}): Promise<ServiceProvider> {
  const tokens = tokensOf({ main: options.token });
  return startServiceProvider({
    script: 'simulator-server',
    name: 'The simulator',
    tokens,
    settings: { port: options.port ?? 0, tokens },
  });
}
