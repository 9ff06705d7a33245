import { capture } from '../../bootstrap/processes.mjs';
import { Problem } from '../../bootstrap/problem.mjs';

/** Runs a command to its end. @returns {Promise<string>} what it said, trimmed. @throws Problem with its output if it fails */
export async function run(program, args, options = {}) {
  const { code, output } = await capture(program, args, options);
  if (code === 0) return output.trim();
  throw new Problem(`${program} ${args.join(' ')} failed.`, 'Its output stands above.', output);
}

/** Whether a container engine answers the `docker` command. */
export async function engineAnswers() {
  const { code } = await capture('docker', ['info', '--format', '{{.ID}}']).catch(() => ({ code: 1 }));
  return code === 0;
}

/** The compose command: `docker compose`, or the older `docker-compose`. @returns {Promise<string[]>} */
export async function composeCommand() {
  for (const command of [['docker', 'compose'], ['docker-compose']]) {
    const found = await capture(command[0], [...command.slice(1), 'version']).catch(() => ({ code: 1 }));
    if (found.code === 0) return command;
  }
  throw new Problem('Neither docker compose nor docker-compose is installed.', 'Install one of them.');
}

/** A compose project: its commands, and questions about its containers. */
export class ComposeProject {
  #command;
  #options;

  /** @param {{ command: string[], files: string[], cwd: string, env: NodeJS.ProcessEnv }} options */
  constructor({ command, files, cwd, env }) {
    this.#command = [...command, ...files.flatMap((file) => ['-f', file])];
    this.#options = { cwd, env };
  }

  run(...args) {
    const [program, ...first] = this.#command;
    return run(program, [...first, ...args], this.#options);
  }

  /** @returns {Promise<string[]>} ids of the service's containers, also of those that have stopped */
  async containers(service) {
    const ids = await run('docker', [
      ...['ps', '--all', '--quiet', '--no-trunc'],
      ...['--filter', `label=com.docker.compose.project=${this.#options.env.COMPOSE_PROJECT_NAME}`],
      ...['--filter', `label=com.docker.compose.service=${service}`],
    ]);
    return ids.split('\n').filter((id) => id !== '');
  }

  /** What the engine knows of each of the service's containers. @returns {Promise<any[]>} */
  async inspect(service) {
    const ids = await this.containers(service);
    return ids.length === 0 ? [] : JSON.parse(await run('docker', ['inspect', ...ids]));
  }

  /** The engine's address in the network of the containers. @returns {Promise<string>} */
  gateway() {
    const network = `${this.#options.env.COMPOSE_PROJECT_NAME}_default`;
    return run('docker', ['network', 'inspect', network, '--format', '{{(index .IPAM.Config 0).Gateway}}']);
  }

  /** Runs a command in the service's first container. */
  async exec(service, ...args) {
    const [id] = await this.containers(service);
    return run('docker', ['exec', id, ...args]);
  }
}
