// `node tools/k8s/validate.mjs`: renders the base and every overlay and holds them, and docker-compose.yml, against the policies; needs a
// build and no cluster. Then breaks the manifests on purpose, so that a rule that no longer bites is noticed. Exits 1 and names what is wrong.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { composeViolations, readCompose } from './compose.mjs';
import { violations as policyViolations } from './policies.mjs';
import { reachabilityViolations } from './reachability.mjs';
import { kustomize, render } from './render.mjs';
import { runbookViolations } from './runbooks.mjs';

const k8s = fileURLToPath(new URL('../../k8s', import.meta.url));
const violations = (documents) => [...policyViolations(documents), ...reachabilityViolations(documents)];
const folders = [join(k8s, 'base'), ...readdirSync(join(k8s, 'overlays')).map((name) => join(k8s, 'overlays', name))];

/** Each of these must be noticed. */
const MUTATIONS = {
  'a moving tag': (container) => (container.image = container.image.replace(/:[^:]+$/, ':latest')),
  'no tag': (container) => (container.image = container.image.replace(/:[^:]+$/, '')),
  'no readiness probe': (container) => delete container.readinessProbe,
  'liveness by readiness': (container) => (container.livenessProbe.httpGet.path = '/health/ready'),
  'no memory limit': (container) => delete container.resources.limits,
  'a writable root': (container) => (container.securityContext.readOnlyRootFilesystem = false),
  'a clear secret': (container) => container.env.push({ name: 'ADMIN_TOKEN', value: 'x' }),
  root: (_container, pod) => (pod.securityContext.runAsUser = 0),
  'a mounted token': (_container, pod) => delete pod.automountServiceAccountToken,
  'a short grace': (_container, pod) => (pod.terminationGracePeriodSeconds = 30),
  'no budget': (_container, _pod, documents) => remove(documents, 'PodDisruptionBudget'),
  'a misspelt variable': (container) => container.env.push({ name: 'LOG_LEVLE', value: 'info' }),
  'a value that the service refuses': (container) => container.env.push({ name: 'DATABASE_POOL', value: 'many' }),
  'a secret that is missing': (container) =>
    (container.env = container.env.filter(({ name }) => name !== 'DATABASE_URL')),
  'another port': (container) => (container.ports[0].containerPort = 8080),
  'a probe of another port': (container) => (container.readinessProbe.httpGet.port = 8080),
  'a drain that the hook eats up': (container) =>
    (container.lifecycle = { preStop: { exec: { command: ['sleep', '40'] } } }),
  'a Service that is gone': (_container, _pod, documents) => remove(documents, 'Service'),
  'no network policy': (_container, _pod, documents) => remove(documents, 'NetworkPolicy'),
};

const remove = (documents, kind) =>
  documents.splice(0, documents.length, ...documents.filter((document) => document.kind !== kind));

let failed = false;
for (const folder of folders) {
  const { documents, by } = render(folder);
  const problems = [...violations(documents), ...differences(documents, kustomize(folder)), ...unnoticed(documents)];
  failed ||= problems.length > 0;
  process.stdout.write(
    `${folder.slice(k8s.length - 3)}: ${documents.length} objects by ${by}, ${problems.length} problems\n`,
  );
  for (const problem of problems) process.stdout.write(`  ${problem}\n`);
}
const composeProblems = composeViolations(readCompose(join(k8s, '../docker-compose.yml')));
failed ||= composeProblems.length > 0;
process.stdout.write(`docker-compose.yml: ${composeProblems.length} problems\n`);
for (const problem of composeProblems) process.stdout.write(`  ${problem}\n`);
const runbookProblems = runbookViolations(join(k8s, '..'));
failed ||= runbookProblems.length > 0;
process.stdout.write(`runbooks: ${runbookProblems.length} problems\n`);
for (const problem of runbookProblems) process.stdout.write(`  ${problem}\n`);
process.exitCode = failed ? 1 : 0;

/** The built-in renderer must agree with kubectl, or machines without kubectl would check something else. */
function differences(rendered, own) {
  const byName = (documents) =>
    Object.fromEntries(
      documents.map((document) => [`${document.kind}/${document.metadata.name}`, comparable(document)]),
    );
  try {
    assert.deepEqual(byName(own), byName(rendered));
    return [];
  } catch (error) {
    return [`The built-in renderer differs from kubectl: ${error.message}`];
  }
}

/** Lists with names are compared without regard to their order. */
function comparable(value) {
  if (Array.isArray(value)) {
    const items = value.map(comparable);
    return items.every((item) => item?.name !== undefined)
      ? Object.fromEntries(items.map((item) => [item.name, item]))
      : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, comparable(inner)]));
}

function unnoticed(documents) {
  return Object.entries(MUTATIONS).flatMap(([name, mutate]) => {
    const broken = structuredClone(documents);
    const { spec } = broken.find(({ kind }) => kind === 'Deployment').spec.template;
    mutate(spec.containers[0], spec, broken);
    return violations(broken).length > 0 ? [] : [`No rule notices ${name}.`];
  });
}
