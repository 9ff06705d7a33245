import { answers } from '../java/java-tools.js';

/** The command of a container engine that answers, undefined where there is none. */
export async function findContainerEngine(): Promise<string | undefined> {
  for (const command of ['docker', 'podman']) {
    if (await answers(command, ['info', '--format', '{{.ID}}'], 10_000)) return command;
    if (command === 'podman' && (await answers(command, ['info'], 10_000))) return command;
  }
  return undefined;
}
