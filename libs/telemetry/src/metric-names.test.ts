import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { METRIC_NAMES, type MetricDefinition } from './metric-names.js';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const definitions: [string, MetricDefinition][] = Object.entries(METRIC_NAMES);
const prometheusName = ([name, { kind }]: [string, MetricDefinition]): string =>
  name.replaceAll('.', '_') + (kind === 'counter' ? '_total' : '');

describe('METRIC_NAMES', () => {
  it.each(definitions.map(prometheusName))('has %s in the operations guide', (name) => {
    expect(read('docs/operations.md')).toContain(`\`${name}\``);
  });

  it('has every metric that an alert asks for', () => {
    const known = new Set(definitions.map(prometheusName));
    const asked = read('k8s/monitoring/alerts.yaml').match(/provisioning_[a-z_]+/g) ?? [];
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
  });
});
