// What docker-compose.yml must fulfil: as the manifests, as far as compose has the same.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { DRAIN_MS } from '../../libs/host/dist/index.js';
import { environmentProblems, serviceOf } from './environment.mjs';

/** The file with its anchors merged and its variables replaced by their defaults. */
export const readCompose = (file) =>
  parse(
    readFileSync(file, 'utf8').replaceAll(/\$\{\w+(?::-([^}]*))?\}/g, (_, standard = '') => standard),
    { merge: true },
  );

/** @param {any} compose @returns {string[]} */
export function composeViolations({ services }) {
  const ours = Object.entries(services).filter(([, { command, image }]) => command === undefined && serviceOf(image));
  return ours.flatMap(([name, service]) =>
    [
      ...environmentProblems(serviceOf(service.image), given(service.environment)),
      ...urlsOf(service.environment)
        .filter(({ hostname, port }) => services[hostname] === undefined || port !== '3000')
        .map(({ href }) => `is given ${href}, where no service is`),
      ...(Number.parseInt(service.stop_grace_period) * 1000 > DRAIN_MS ? [] : ['is killed before it has drained']),
      ...(service.read_only === true ? [] : ['may write to its root file system']),
      ...(service.cap_drop?.includes('ALL') ? [] : ['keeps capabilities']),
      ...(service.security_opt?.includes('no-new-privileges:true') ? [] : ['may gain privileges']),
      ...waits(service, services),
    ].map((problem) => `${name} ${problem}.`),
  );
}

/** Empty is absent. */
const given = (environment) =>
  Object.fromEntries(
    Object.entries(environment)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => [name, String(value)]),
  );

const urlsOf = ({ DISPATCHER_URLS: dispatchers, CAPTURE_URL: capture }) =>
  [...(dispatchers?.split(',') ?? []), ...(capture === undefined ? [] : [capture])].map((url) => new URL(url));

function waits({ depends_on: dependencies = {} }, services) {
  return Object.entries(dependencies)
    .filter(([name, { condition }]) => condition === 'service_healthy' && services[name]?.healthcheck === undefined)
    .map(([name]) => `waits for the health of ${name}, which has no check`);
}
