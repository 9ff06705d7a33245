import type { Environment } from '@provisor/host';
import type { Installation } from './installation.js';

/** The environment of the services in this process: that of the process, and what it leaves open. */
export function serviceEnvironment(o: {
  env: NodeJS.ProcessEnv;
  installation: Installation;
  port: number;
  kafkaBrokers: string;
  databaseUrl: string;
  internalToken: string;
}): Environment {
  const { env, installation, port } = o;
  const url = `http://127.0.0.1:${port}`;
  return {
    HTTP_HOST: '127.0.0.1',
    ADMIN_TOKEN_FILE: installation.tokenFile,
    ...(env['PROVISOR_KEY'] === undefined && { PROVISOR_KEY_FILE: installation.keyFile }),
    DISPATCHER_URLS: url,
    CAPTURE_URL: url,
    INTERNAL_TOKEN: o.internalToken,
    ...env,
    HTTP_PORT: String(port),
    KAFKA_BROKERS: o.kafkaBrokers,
    DATABASE_URL: o.databaseUrl,
  };
}
