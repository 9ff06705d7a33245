// Renders a kustomization: by kubectl where it is installed, else by the few features of kustomize that our files use.
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';

/** @param {string} folder @returns {{ documents: any[], by: string }} */
export function render(folder) {
  try {
    const text = execFileSync('kubectl', ['kustomize', folder], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return { documents: documentsOf(text), by: 'kubectl kustomize' };
  } catch (error) {
    if (error.code !== 'ENOENT')
      throw new Error(`kubectl kustomize ${folder} failed: ${error.stderr ?? error.message}`, { cause: error });
  }
  return { documents: kustomize(folder), by: 'the built-in renderer' };
}

const documentsOf = (text) =>
  parseAllDocuments(text)
    .map((document) => document.toJS())
    .filter((document) => document !== null);

const KNOWN = new Set(['apiVersion', 'kind', 'namespace', 'labels', 'resources', 'patches', 'images', 'replicas']);

/** resources, strategic and JSON patches, labels, images, replicas and namespace, in kustomize's order. */
export function kustomize(folder) {
  const file = join(folder, 'kustomization.yaml');
  const spec = parse(readFileSync(file, 'utf8'));
  const unknown = Object.keys(spec).filter((key) => !KNOWN.has(key));
  if (unknown.length > 0) throw new Error(`${file} uses ${unknown.join(', ')}, which only kubectl can render.`);
  let documents = (spec.resources ?? []).flatMap((resource) => load(join(folder, resource)));
  for (const patch of spec.patches ?? []) documents = documents.map((document) => patched(document, patch, folder));
  for (const document of documents) {
    for (const { pairs, includeSelectors } of spec.labels ?? []) label(document, pairs, includeSelectors);
    for (const image of spec.images ?? []) setImage(document, image);
    for (const { name, count } of spec.replicas ?? []) {
      if (document.kind === 'Deployment' && document.metadata.name === name) document.spec.replicas = count;
    }
    if (spec.namespace !== undefined && document.kind !== 'Namespace') document.metadata.namespace = spec.namespace;
  }
  return documents;
}

const load = (path) => (statSync(path).isDirectory() ? kustomize(path) : documentsOf(readFileSync(path, 'utf8')));

function patched(document, { path, patch, target }, folder) {
  const matches =
    document.kind === target.kind && (target.name === undefined || target.name === document.metadata.name);
  if (!matches) return document;
  const change = parse(path === undefined ? patch : readFileSync(join(folder, path), 'utf8'));
  if (Array.isArray(change)) return change.reduce(jsonPatched, structuredClone(document));
  const { metadata: { name: _name, ...metadata } = {}, ...rest } = change;
  return merged(document, { ...rest, metadata });
}

/** Maps merge; lists whose items have a name merge by it, or by mountPath, topologyKey or containerPort; other lists are replaced. */
function merged(base, change) {
  if (Array.isArray(base) && Array.isArray(change)) return mergedLists(base, change);
  if (!isMap(base) || !isMap(change)) return structuredClone(change);
  const result = { ...base };
  for (const [key, value] of Object.entries(change))
    result[key] = key in base ? merged(base[key], value) : structuredClone(value);
  return result;
}

function mergedLists(base, change) {
  const key = ['mountPath', 'topologyKey', 'containerPort', 'name'].find((name) =>
    change.every((item) => isMap(item) && name in item),
  );
  if (key === undefined) return structuredClone(change);
  const seen = new Set();
  const kept = base.map((item) => {
    const other = change.find((candidate) => candidate[key] === item[key]);
    if (other !== undefined) seen.add(other);
    return other === undefined ? item : merged(item, other);
  });
  return [...change.filter((item) => !seen.has(item)).map((item) => structuredClone(item)), ...kept];
}

const isMap = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** `add` at the end of a list is the one operation that is used. */
function jsonPatched(document, { op, path, value }) {
  const steps = path.slice(1).split('/');
  if (op !== 'add' || steps.pop() !== '-') throw new Error(`The patch ${op} ${path} can only be rendered by kubectl.`);
  steps.reduce((node, step) => node[step], document).push(structuredClone(value));
  return document;
}

function label(document, pairs, includeSelectors) {
  document.metadata.labels = { ...document.metadata.labels, ...pairs };
  if (!includeSelectors) return;
  const { spec } = document;
  if (document.kind === 'Deployment') {
    Object.assign((spec.template.metadata.labels ??= {}), pairs);
    for (const { labelSelector } of spec.template.spec.topologySpreadConstraints ?? [])
      Object.assign((labelSelector.matchLabels ??= {}), pairs);
  }
  if (document.kind === 'Service') Object.assign((spec.selector ??= {}), pairs);
  if (['Deployment', 'PodDisruptionBudget'].includes(document.kind))
    Object.assign((spec.selector.matchLabels ??= {}), pairs);
  // In network policies kustomize adds to the selectors that name labels already, and leaves those that select everything.
  if (document.kind === 'NetworkPolicy')
    for (const selector of policySelectors(spec)) Object.assign(selector.matchLabels, pairs);
}

function policySelectors({ podSelector, ingress = [], egress = [] }) {
  const peers = [...ingress.flatMap(({ from = [] }) => from), ...egress.flatMap(({ to = [] }) => to)];
  return [podSelector, ...peers.map((peer) => peer.podSelector)].filter(
    (selector) => selector?.matchLabels !== undefined,
  );
}

function setImage(document, { name, newName = name, newTag }) {
  for (const container of document.spec?.template?.spec.containers ?? []) {
    const [, bare] = /^(.*?)(:[^:/]+)?$/.exec(container.image);
    if (bare === name) container.image = `${newName}:${newTag}`;
  }
}
