import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Topics } from './accounting.js';
import type { Violation } from './violation.js';

export interface CanaryInput {
  /** By what each is. */
  readonly canaries: Readonly<Record<string, string>>;
  /** Folder with the logs of the services. */
  readonly logs: string;
  readonly topics: Topics;
  /** Base URLs of the services that run. */
  readonly services: readonly string[];
}

/** I13: secrets and masked values in logs, results, dead letters and metrics. */
export async function checkCanaries(input: CanaryInput): Promise<Violation[]> {
  const sinks: [string, string][] = [
    ...readdirSync(input.logs)
      .filter((file) => /\.log(\.1)?$/.test(file))
      .map((file): [string, string] => [`log ${file}`, readFileSync(join(input.logs, file), 'utf8')]),
    ['results', JSON.stringify(input.topics.results.map(({ value, headers }) => [value, headers]))],
    ['dead letters', JSON.stringify(input.topics.deadLetters.map(({ value, headers }) => [value, headers]))],
  ];
  for (const url of input.services)
    sinks.push([
      `metrics of ${url}`,
      await fetch(`${url}/metrics`).then(
        (answer) => answer.text(),
        () => '',
      ),
    ]);
  return sinks.flatMap(([sink, text]) =>
    Object.entries(input.canaries).flatMap(([name, canary]): Violation[] => {
      const at = text.indexOf(canary);
      if (at < 0) return [];
      const around = text.slice(Math.max(0, at - 200), at).replaceAll(canary, '…');
      return [{ invariant: 'I13', what: `The ${name} is in the ${sink}, behind: ${around}` }];
    }),
  );
}
