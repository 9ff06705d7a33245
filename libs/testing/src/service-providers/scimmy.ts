import { tokensOf } from './better-auth.js';
import { startServiceProvider, type ServiceProvider } from './service-provider.js';

export interface ScimmyOptions {
  /** Any free port unless given. */
  readonly port?: number;
  /** Names of isolated tenants; `main` unless given. Tokens are made up where none is given. */
  readonly tenants?: Readonly<Record<string, string | undefined>>;
}

/** SCIMMY behind Express 4, over maps in memory: shaped by the RFCs, all filters, lenient about members. */
export function startScimmy(options: ScimmyOptions = {}): Promise<ServiceProvider> {
  const tokens = tokensOf(options.tenants ?? { main: undefined });
  return startServiceProvider({
    script: 'scimmy-server',
    name: 'SCIMMY',
    tokens,
    settings: { port: options.port ?? 0, tokens },
  });
}
