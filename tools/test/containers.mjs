// `npm run test:containers`: builds the images, starts docker-compose.yml as a project of its own, and looks whether everything becomes
// healthy, talks to each other, keeps its data over a restart and drains at SIGTERM. Removes what it made. PROVISOR_VERSION names
// images that exist already and are then not built.
import { fileURLToPath } from 'node:url';
import { Problem } from '../bootstrap/problem.mjs';
import { capture } from '../bootstrap/processes.mjs';
import { step } from '../bootstrap/progress.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const project = `provisortest${process.pid}`;
const port = process.env.ADMIN_API_PORT ?? '13000';
const url = `http://127.0.0.1:${port}`;
const built = process.env.PROVISOR_VERSION !== undefined;
const SERVICES = ['kafka', 'postgres', 'change-capture', 'mapping', 'dispatcher-scim', 'admin-api'];
const HEALTHY_MS = 300_000;

async function composeCommand() {
  for (const command of [['docker', 'compose'], ['docker-compose']]) {
    const found = await capture(command[0], [...command.slice(1), 'version']).catch(() => ({ code: 1 }));
    if (found.code === 0) return command;
  }
  throw new Problem('Neither docker compose nor docker-compose is installed.', 'Install one of them, and an engine.');
}

const [command, ...first] = await composeCommand();
const env = { ...process.env, ADMIN_API_PORT: port, COMPOSE_PROJECT_NAME: project };

async function run(program, args) {
  const { code, output } = await capture(program, args, { cwd: root, env });
  if (code === 0) return output.trim();
  throw new Problem(`${program} ${args.join(' ')} failed.`, 'Its output stands above.', output);
}
const compose = (...args) => run(command, [...first, ...args]);
const containerOf = async (service) => (await compose('ps', '-q', service)).split('\n').at(-1).trim();
const inspect = async (service, format) => run('docker', ['inspect', '--format', format, await containerOf(service)]);

async function until(what, ms, condition) {
  const deadline = performance.now() + ms;
  let last;
  while (performance.now() < deadline) {
    last = await condition().catch((error) => error);
    if (last === true) return;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  throw new Problem(
    `${what} did not happen within ${ms / 1000} s.`,
    `Last seen: ${last?.message ?? JSON.stringify(last)}.`,
  );
}

async function request(path, { token, body } = {}) {
  const response = await fetch(`${url}${path}`, {
    method: body === undefined ? 'GET' : 'PUT',
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
  return { status: response.status, body: await response.json() };
}

function expectStatus(answer, status, what) {
  if (answer.status !== status)
    throw new Problem(`${what} answers ${answer.status} and not ${status}.`, JSON.stringify(answer.body));
}

const documents = [
  {
    apiVersion: 'provisor/v1',
    kind: 'DataStore',
    metadata: { name: 'directory' },
    spec: { type: 'ldap', url: 'ldap://directory.invalid', baseDn: 'dc=corp,dc=example' },
  },
  {
    apiVersion: 'provisor/v1',
    kind: 'SpConnection',
    metadata: { name: 'target' },
    spec: {
      active: true,
      target: {
        type: 'scim',
        baseUrl: 'https://target.invalid/v2',
        auth: { type: 'bearer', token: { value: 'a-token' } },
      },
      channels: [
        {
          name: 'staff',
          active: true,
          dataStore: 'directory',
          users: { base: 'dc=corp,dc=example' },
          attributes: { userName: 'uid' },
        },
      ],
    },
  },
];

const state = (service) =>
  inspect(service, '{{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}');

const healthy = () =>
  until('Healthy containers', HEALTHY_MS, async () => {
    const states = await Promise.all(SERVICES.map(async (service) => `${service} ${await state(service)}`));
    const missing = states.filter((line) => !line.endsWith(' healthy'));
    return missing.length === 0 ? true : missing;
  });

/** Asks a service for its readiness from inside its own container, as it publishes no port. */
async function ready(service) {
  const script =
    "fetch('http://127.0.0.1:3000/health/ready').then(async (a) => { console.log(await a.text()); process.exit(a.ok ? 0 : 1); })";
  await run('docker', ['exec', await containerOf(service), 'node', '-e', script]);
  return true;
}

async function main() {
  try {
    if (!built) await step('images', () => compose('build'));
    await step('start', () => compose('up', '-d', '--no-build'));
    await step('every container is healthy', healthy);
    const services = SERVICES.filter((service) => service !== 'kafka' && service !== 'postgres');
    await step('every service is ready', async () => {
      for (const service of services) await until(`${service}'s readiness`, 60_000, () => ready(service));
    });
    const token = await compose('exec', '-T', 'admin-api', 'cat', '/run/provisor/admin-token');
    await step('the admin API asks for its token', async () =>
      expectStatus(await request('/v1/documents'), 401, 'The admin API without a token'),
    );
    await step('documents are taken, and their secrets kept', async () => {
      expectStatus(await request('/v1/documents', { token, body: { documents } }), 200, 'The admin API');
      const stored = await request('/v1/documents', { token });
      if (JSON.stringify(stored.body).includes('a-token'))
        throw new Problem('A secret is shown.', 'Look at the sealing of documents.');
    });
    // No directory is there, so no account is: the dispatcher answers, and has nothing to say of the connection yet.
    await step('dispatcher and change capture answer the admin API', () =>
      until('The status', 60_000, async () => {
        const { body } = await request('/v1/status', { token });
        const captured = body.dataStores?.some(({ name, state }) => name === 'directory' && state !== 'unknown');
        const listed = body.spConnections?.some(({ name }) => name === 'target');
        return captured && listed && body.problems?.length === 0 ? true : body;
      }),
    );
    await step('a restart drains and keeps everything', async () => {
      await compose('stop', ...services);
      for (const service of services) {
        const code = await inspect(service, '{{.State.ExitCode}}');
        if (code !== '0')
          throw new Problem(
            `${service} ended with ${code}.`,
            'A drain ends with 0.',
            await compose('logs', '--tail=30', service),
          );
      }
      await compose('start', ...services);
      await healthy();
      await until(
        'The documents',
        60_000,
        async () => (await request('/v1/documents', { token })).body.documents?.length === 2,
      );
    });
    await step('two replicas more', async () => {
      await compose('up', '-d', '--no-build', '--scale', 'mapping=2', '--scale', 'dispatcher-scim=2');
      await healthy();
    });
    process.stdout.write('The containers work.\n');
  } catch (error) {
    process.stderr.write(`${await compose('logs', '--tail=40').catch((failure) => failure.output)}\n`);
    throw error;
  } finally {
    await step('removed', () => compose('down', '--volumes', '--remove-orphans'));
  }
}

await main();
