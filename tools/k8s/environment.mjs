// Whether a container's environment is one that its service can start with: nothing missing, nothing misspelt. Needs a build, because
// the services' own configuration says what they read.
import { adminApiConfig } from '../../apps/admin-api/dist/admin-api.config.js';
import { changeCaptureConfig } from '../../apps/change-capture/dist/change-capture.config.js';
import { dispatcherConfig } from '../../apps/dispatcher/dist/dispatcher.config.js';
import { mappingConfig } from '../../apps/mapping/dist/mapping.config.js';

const CONFIGS = {
  'change-capture': changeCaptureConfig,
  mapping: mappingConfig,
  dispatcher: dispatcherConfig,
  'admin-api': adminApiConfig,
};
/** Read by Node.js and by OpenTelemetry. */
const FOREIGN = /^(NODE_|OTEL_)/;
/** Where nobody sees the real one, any secret of the right form. */
const SECRETS = { DATABASE_URL: 'postgres://user:password@host:5432/database', PROVISOR_KEY: 'k'.repeat(43) };
const ANY_SECRET = 's'.repeat(32);

/** The service whose image this is: `registry/provisor/mapping:1` is of `mapping`. @returns {string | undefined} */
export const serviceOf = (image) =>
  Object.keys(CONFIGS).find((service) => new RegExp(`(^|/)provisor/${service}(:|$)`).test(image));

/**
 * @param {string} service
 * @param {Readonly<Record<string, string | undefined>>} environment undefined for a value that a Secret holds
 * @returns {string[]} what is wrong, in sentences without subject
 */
export function environmentProblems(service, environment) {
  const rows = CONFIGS[service].documentation();
  const secrets = rows.filter(({ secret }) => secret).map(({ env }) => env);
  const known = new Set([...rows.map(({ env }) => env), ...secrets.map((env) => `${env}_FILE`)]);
  const given = new Set(Object.keys(environment));
  const has = (name) => given.has(name) || given.has(`${name}_FILE`);
  const unknown = [...given].filter((name) => !known.has(name) && !FOREIGN.test(name));
  const needed = ['PROVISOR_KEY', ...(known.has('INTERNAL_TOKEN') ? ['INTERNAL_TOKEN'] : [])];
  return [
    ...unknown.map((name) => `is given ${name}, which it does not know`),
    ...needed.filter((name) => !has(name)).map((name) => `is not given ${name}`),
    ...parsingProblems(CONFIGS[service], environment, secrets),
  ];
}

function parsingProblems(config, environment, secrets) {
  const env = { ...environment };
  for (const name of secrets) {
    if (!(name in env) && !(`${name}_FILE` in env)) continue;
    // The files of the containers are not on this machine.
    delete env[`${name}_FILE`];
    env[name] = SECRETS[name] ?? ANY_SECRET;
  }
  try {
    config.parse(env);
    return [];
  } catch (error) {
    return error.problems ?? [error.message];
  }
}
