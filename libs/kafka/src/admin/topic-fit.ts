import type { TopicContract } from '@provisor/contracts';

export interface TopicMisfit {
  readonly topic: string;
  readonly setting: string;
  /** What is wrong and what to do, in one sentence. */
  readonly sentence: string;
  /** Records would be lost or refused: the pipeline must not run on such a topic. */
  readonly fatal: boolean;
}

/** Settings where more than the contract asks for is as good; -1 means without limit. */
const AT_LEAST = new Set(['retention.ms', 'delete.retention.ms', 'max.message.bytes']);

/** Compares the configuration of an existing topic with its contract. */
export function topicMisfits(
  contract: Pick<TopicContract<unknown>, 'name' | 'config'>,
  topic: string,
  actual: Readonly<Record<string, string>>,
): TopicMisfit[] {
  return Object.entries(contract.config).flatMap(([setting, wanted]) => {
    const found = actual[setting];
    if (found === undefined || fits(setting, found, wanted)) return [];
    const need = AT_LEAST.has(setting) ? `at least ${wanted}` : wanted;
    return [
      {
        topic,
        setting,
        sentence: `Topic ${topic} has ${setting}=${found}, but ${need} is needed: change it with kafka-configs --alter.`,
        fatal: setting === 'cleanup.policy',
      },
    ];
  });
}

function fits(setting: string, found: string, wanted: string): boolean {
  if (!AT_LEAST.has(setting)) return sorted(found) === sorted(wanted);
  return Number(found) === -1 || Number(found) >= Number(wanted);
}

const sorted = (list: string): string =>
  list
    .split(',')
    .map((part) => part.trim())
    .sort()
    .join(',');
