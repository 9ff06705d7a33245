// Whether what has to talk to each other can: ports, probes, the URLs that services are given, network policies, and the time for a drain.
import { DRAIN_MS } from '../../libs/host/dist/index.js';
import { environmentProblems, serviceOf } from './environment.mjs';
import { selects } from './selectors.mjs';

/** From the end of the drain to the end of the process: connections, telemetry. */
const CLOSING_SECONDS = 10;
const POD_PORT = 3000;

/** @param {any[]} documents rendered manifests @returns {string[]} */
export function reachabilityViolations(documents) {
  const of = (kind) => documents.filter((document) => document.kind === kind);
  return of('Deployment').flatMap((deployment) => {
    const container = deployment.spec.template.spec.containers[0];
    const environment = environmentOf(container, of('ConfigMap'));
    const service = serviceOf(container.image);
    const problems = [
      ...(service === undefined
        ? [`runs ${container.image}, which is none of the services`]
        : environmentProblems(service, environment)),
      ...portProblems(deployment, environment, of('Service')),
      ...drainProblems(deployment),
      ...urlProblems(environment, { of, from: deployment }),
      ...scrapeProblems(deployment, of('NetworkPolicy')),
      ...backendProblems(deployment, environment, of('NetworkPolicy')),
    ];
    return problems.map((problem) => `Deployment ${deployment.metadata.name}: ${problem}.`);
  });
}

const labelsOf = (deployment) => deployment.spec.template.metadata.labels;
const portOf = (environment) => Number(environment.HTTP_PORT ?? POD_PORT);

/** All variables by name; undefined for those that Secrets hold. */
function environmentOf({ env = [], envFrom = [] }, configMaps) {
  const maps = envFrom.flatMap(({ configMapRef }) =>
    configMaps.filter(({ metadata }) => metadata.name === configMapRef?.name),
  );
  return Object.assign({}, ...maps.map(({ data }) => data), ...env.map(({ name, value }) => ({ [name]: value })));
}

function portProblems(deployment, environment, services) {
  const { template } = deployment.spec;
  const [container] = template.spec.containers;
  const port = portOf(environment);
  const named = new Map((container.ports ?? []).map(({ name, containerPort }) => [name, containerPort]));
  const resolved = (value) => (typeof value === 'string' ? named.get(value) : value);
  const probes = ['startupProbe', 'livenessProbe', 'readinessProbe'].filter(
    (probe) => resolved(container[probe]?.httpGet?.port) !== port,
  );
  const mine = services.filter(({ spec }) => selects({ matchLabels: spec.selector }, labelsOf(deployment)));
  return [
    ...probes.map((probe) => `has a ${probe} on another port than ${port}`),
    ...mine
      .filter(({ spec }) => spec.ports.some(({ port: outside, targetPort = outside }) => resolved(targetPort) !== port))
      .map(({ metadata }) => `is reached by the Service ${metadata.name} on another port than ${port}`),
    ...(template.metadata.annotations?.['prometheus.io/port'] === String(port) ? [] : ['is scraped on another port']),
  ];
}

function drainProblems({ spec }) {
  const pod = spec.template.spec;
  const [, seconds = '0'] = pod.containers[0].lifecycle?.preStop?.exec?.command ?? [];
  const needed = Number(seconds) + DRAIN_MS / 1000 + CLOSING_SECONDS;
  return pod.terminationGracePeriodSeconds >= needed
    ? []
    : [`is killed after ${pod.terminationGracePeriodSeconds} s, and a drain needs up to ${needed} s`];
}

/** Every replica has to be asked, as each knows only what it does itself: hence headless Services, on the port of the containers. */
function urlProblems(environment, { of, from }) {
  const urls = [...(environment.DISPATCHER_URLS?.split(',') ?? []), environment.CAPTURE_URL].filter(Boolean);
  const dispatchers = of('Deployment').filter(
    ({ spec }) => serviceOf(spec.template.spec.containers[0].image) === 'dispatcher',
  );
  const targets = urls.map((url) => ({
    url,
    service: of('Service').find(({ metadata }) => metadata.name === new URL(url).hostname),
  }));
  const unasked = dispatchers.filter(
    (deployment) =>
      !targets.some(({ service }) => service && selects({ matchLabels: service.spec.selector }, labelsOf(deployment))),
  );
  return [
    ...(environment.DISPATCHER_URLS === undefined
      ? []
      : unasked.map(({ metadata }) => `does not ask ${metadata.name}`)),
    ...targets.flatMap(({ url, service }) => {
      if (service === undefined) return [`is given ${url}, which no Service has`];
      const asked = of('Deployment').find((one) => selects({ matchLabels: service.spec.selector }, labelsOf(one)));
      const port = Number(new URL(url).port || 80);
      return [
        ...(service.spec.clusterIP === 'None' ? [] : [`asks one replica of ${service.metadata.name} and not all`]),
        ...(port === POD_PORT ? [] : [`asks ${service.metadata.name} at port ${port}`]),
        ...(asked && allowed(of('NetworkPolicy'), { from, to: asked, port: POD_PORT })
          ? []
          : [`is kept from ${service.metadata.name} by the network policies`]),
      ];
    }),
  ];
}

function allowed(policies, { from, to, port }) {
  const out = policies.some(
    ({ spec }) =>
      selects(spec.podSelector, labelsOf(from)) &&
      (spec.egress ?? []).some((rule) => onPort(rule, port) && rule.to?.some((peer) => selectsPod(peer, labelsOf(to)))),
  );
  const into = policies.some(
    ({ spec }) =>
      selects(spec.podSelector, labelsOf(to)) &&
      (spec.ingress ?? []).some(
        (rule) => onPort(rule, port) && rule.from?.some((peer) => selectsPod(peer, labelsOf(from))),
      ),
  );
  return out && into;
}

function scrapeProblems(deployment, policies) {
  const open = policies.some(
    ({ spec }) =>
      selects(spec.podSelector, labelsOf(deployment)) &&
      (spec.ingress ?? []).some(
        (rule) => onPort(rule, POD_PORT) && rule.from?.some(({ namespaceSelector }) => namespaceSelector),
      ),
  );
  return open ? [] : ['cannot be scraped'];
}

/** Broker, database, name service. */
function backendProblems(deployment, environment, policies) {
  const mine = policies.filter(({ spec }) => selects(spec.podSelector, labelsOf(deployment)));
  const brokers = (environment.KAFKA_BROKERS ?? '').split(',').map((broker) => Number(broker.split(':').at(-1)));
  return [53, 5432, ...brokers]
    .filter((port) => !mine.some(({ spec }) => (spec.egress ?? []).some((rule) => onPort(rule, port))))
    .map((port) => `may not reach out to port ${port}`);
}

const onPort = ({ ports }, port) => ports === undefined || ports.some((one) => one.port === port);
const selectsPod = ({ podSelector, namespaceSelector }, labels) =>
  podSelector !== undefined && namespaceSelector === undefined && selects(podSelector, labels);
