import { parseArgs } from 'node:util';

export interface StandaloneArguments {
  /** Configuration files to apply at start. */
  readonly config: readonly string[];
  readonly data: string;
  readonly port: number;
  /** Where log lines go; `-` is standard output. */
  readonly log: string | undefined;
  readonly help: boolean;
}

export const HELP = `Provisor on one machine: change capture, mapping, dispatcher and admin API in one process.

npm start -- [--config FILE]... [--data DIR] [--port N] [--log FILE|-]

  --config FILE  documents to apply at start (YAML or JSON); may be given several times
  --data DIR     everything that is kept: broker, database, keys (default .provisor)
  --port N       admin API, health and metrics on 127.0.0.1 (default 3000)
  --log FILE     log lines as JSON; - for standard output (default <data>/provisor.log)
  --help         this text

Broker and database are embedded unless the environment names real ones:
  KAFKA_BROKERS  host:port,…      DATABASE_URL  postgres://user:password@host:5432/database
All other settings of the services (docs/configuration.md) are read from the environment too.
`;

/** @throws TypeError with a sentence for a person */
export function parseArguments(args: readonly string[]): StandaloneArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      config: { type: 'string', multiple: true, short: 'f' },
      data: { type: 'string', default: '.provisor' },
      port: { type: 'string', default: '3000' },
      log: { type: 'string' },
      help: { type: 'boolean', default: false, short: 'h' },
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new TypeError(`--port has to be a number from 1 to 65535, not ${values.port}.`);
  return { config: values.config ?? [], data: values.data, port, log: values.log, help: values.help };
}
