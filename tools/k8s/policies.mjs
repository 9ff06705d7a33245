// What every rendered set of manifests must fulfil. Each rule gives the sentences of what is wrong.

import { selects } from './selectors.mjs';

/** Longer than the 25 s drain of a service, with preStop and the closing of connections. */
const LEAST_GRACE_SECONDS = 40;
const SECRET_NAME = /PASSWORD|TOKEN|SECRET|DATABASE_URL|(^|_)KEY$/;

/** @param {any[]} documents @returns {string[]} */
export function violations(documents) {
  const of = (kind) => documents.filter((document) => document.kind === kind);
  const deployments = of('Deployment');
  const perDeployment = deployments.flatMap((deployment) => {
    const problems = [
      ...podRules(deployment),
      ...containersOf(deployment).flatMap(containerRules),
      ...environmentRules(deployment, of('ConfigMap')),
      ...selectionRules(deployment, of),
    ];
    return problems.map((problem) => `Deployment ${deployment.metadata.name}: ${problem}.`);
  });
  return [...perDeployment, ...setRules(deployments, of)];
}

const containersOf = (deployment) => deployment.spec.template.spec.containers;
const unless = (condition, problem) => (condition ? [] : [problem]);

function podRules({ spec: { replicas, strategy, template } }) {
  const pod = template.spec;
  const security = pod.securityContext ?? {};
  return [
    ...unless(replicas >= 2, 'has fewer than two replicas'),
    ...unless(
      strategy?.rollingUpdate?.maxSurge === 0,
      'moves partitions twice per pod at a roll-out (maxSurge is not 0)',
    ),
    ...unless(security.runAsNonRoot === true && security.runAsUser > 0, 'may run as root'),
    ...unless(security.seccompProfile?.type === 'RuntimeDefault', 'has no seccomp profile'),
    ...unless(
      pod.serviceAccountName !== undefined && pod.serviceAccountName !== 'default',
      'uses the default service account',
    ),
    ...unless(pod.automountServiceAccountToken === false, 'mounts a service account token'),
    ...unless(
      pod.terminationGracePeriodSeconds >= LEAST_GRACE_SECONDS,
      `is killed before ${LEAST_GRACE_SECONDS} s have passed`,
    ),
    ...unless((pod.topologySpreadConstraints ?? []).length > 0, 'is not spread over nodes'),
    ...unless(!pod.hostNetwork && !pod.hostPID && !pod.hostIPC, 'shares a namespace of its host'),
    ...unless(
      (pod.volumes ?? []).every((volume) => volume.hostPath === undefined),
      'mounts a path of its host',
    ),
  ];
}

function containerRules(container) {
  const security = container.securityContext ?? {};
  const tag = /:([^:/@]+)(@|$)/.exec(container.image)?.[1];
  const heap = Number(
    /--max-old-space-size=(\d+)/.exec(
      (container.env ?? []).find(({ name }) => name === 'NODE_OPTIONS')?.value ?? '',
    )?.[1],
  );
  const limit = mebibytes(container.resources?.limits?.memory);
  return [
    ...unless(tag !== undefined && tag !== 'latest', `has no fixed image version (${container.image})`),
    ...['startupProbe', 'livenessProbe', 'readinessProbe'].flatMap((probe) =>
      unless(container[probe]?.httpGet !== undefined, `has no ${probe}`),
    ),
    ...unless(
      container.livenessProbe?.httpGet?.path === '/health/live',
      'asks something other than /health/live whether it is alive',
    ),
    ...unless(
      container.readinessProbe?.httpGet?.path === '/health/ready',
      'asks something other than /health/ready whether it is ready',
    ),
    ...unless(limit > 0, 'has no memory limit'),
    ...unless(heap > 0 && heap < limit, 'has a heap that does not fit into its memory limit'),
    ...unless(
      container.resources?.requests?.memory !== undefined && container.resources.requests.cpu !== undefined,
      'requests no memory or no CPU',
    ),
    ...unless(security.allowPrivilegeEscalation === false, 'may gain privileges'),
    ...unless(security.readOnlyRootFilesystem === true, 'may write to its root file system'),
    ...unless(security.capabilities?.drop?.includes('ALL') && !security.capabilities.add, 'keeps capabilities'),
  ];
}

function environmentRules(deployment, configMaps) {
  const containers = containersOf(deployment);
  const clear = containers
    .flatMap(({ env = [] }) => env)
    .filter(({ name, value }) => SECRET_NAME.test(name) && value !== undefined);
  const wanted = containers
    .flatMap(({ envFrom = [] }) => envFrom)
    .flatMap(({ configMapRef }) => (configMapRef ? [configMapRef.name] : []));
  const known = new Map(configMaps.map((map) => [map.metadata.name, map.data]));
  const leaked = wanted.flatMap((name) => Object.keys(known.get(name) ?? {})).filter((name) => SECRET_NAME.test(name));
  return [
    ...clear.map(({ name }) => `has the secret ${name} in clear`),
    ...leaked.map((name) => `reads the secret ${name} from a ConfigMap`),
    ...wanted.filter((name) => !known.has(name)).map((name) => `reads a ConfigMap ${name} that does not exist`),
  ];
}

function selectionRules(deployment, of) {
  const { labels } = deployment.spec.template.metadata;
  const budget = of('PodDisruptionBudget').find(({ spec }) => selects(spec.selector, labels));
  const account = deployment.spec.template.spec.serviceAccountName;
  return [
    ...unless(selects(deployment.spec.selector, labels), 'does not select its own pods'),
    ...unless(budget !== undefined, 'has no PodDisruptionBudget'),
    ...unless(budget?.spec.maxUnavailable === 1, 'may be evicted more than one pod at a time'),
    ...unless(
      of('ServiceAccount').some(({ metadata }) => metadata.name === account),
      `uses a service account ${account} that does not exist`,
    ),
    ...unless(
      denied(of, labels, 'Ingress') && denied(of, labels, 'Egress'),
      'is reached or reaches out without a network policy',
    ),
  ];
}

const denied = (of, labels, direction) =>
  of('NetworkPolicy').some(
    ({ spec }) =>
      selects(spec.podSelector, labels) &&
      spec.policyTypes?.includes(direction) &&
      (spec[direction.toLowerCase()] ?? []).length === 0,
  );

function setRules(deployments, of) {
  const services = of('Service').filter(
    ({ spec }) =>
      !deployments.some((deployment) =>
        selects({ matchLabels: spec.selector }, deployment.spec.template.metadata.labels),
      ),
  );
  return [
    ...unless(deployments.length >= 4, 'There are fewer than four Deployments.'),
    ...of('Secret').map(({ metadata }) => `The Secret ${metadata.name} is part of the manifests.`),
    ...services.map(({ metadata }) => `The Service ${metadata.name} selects nothing.`),
  ];
}

function mebibytes(quantity) {
  const match = /^(\d+)(Mi|Gi)$/.exec(quantity ?? '');
  return match === null ? 0 : Number(match[1]) * (match[2] === 'Gi' ? 1024 : 1);
}
