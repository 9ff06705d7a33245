import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../../bootstrap/problem.mjs';
import { AdminApi } from './admin-api.mjs';
import { baseImage } from './base-image.mjs';
import { ComposeProject, composeCommand } from './engine.mjs';
import { startOutsideWorld } from './outside-world.mjs';
import { until } from './until.mjs';

const SERVICES = ['change-capture', 'mapping', 'dispatcher-scim', 'admin-api'];
const BACKENDS = ['kafka', 'postgres'];
const HEALTHY_MS = 300_000;
const DELIVERY_MS = 60_000;
/** stop_grace_period: who is still there then is killed. */
const GRACE_MS = 40_000;
const SLOW_ANSWER_MS = 4_000;

/**
 * docker-compose.yml as an operator uses it, as a project of its own: built, started, looked at, fed with changes, stopped in the middle
 * of its work, started again and scaled. Everything that it made is removed.
 *
 * @param {{ root: string, step: (label: string, work: () => Promise<unknown>) => Promise<unknown> }} options
 */
export async function testCompose({ root, step }) {
  const world = await startOutsideWorld();
  try {
    const port = process.env.ADMIN_API_PORT ?? '13000';
    const env = {
      ...process.env,
      ...world.environment,
      ADMIN_API_PORT: port,
      COMPOSE_PROJECT_NAME: `provisortest${process.pid}`,
      NODE_IMAGE: await baseImage(process.env),
    };
    const files = [join(root, 'docker-compose.yml'), join(root, 'tools/test/containers/docker-compose.test.yml')];
    const project = new ComposeProject({ command: await composeCommand(), files, cwd: root, env });
    await new ComposeTest({ root, project, world, step, admin: new AdminApi(`http://127.0.0.1:${port}`) }).run();
  } finally {
    await world.stop();
  }
}

class ComposeTest {
  constructor({ root, project, world, step, admin }) {
    Object.assign(this, { root, project, world, step, admin });
  }

  async run() {
    const { project, step } = this;
    try {
      // Images that PROVISOR_VERSION names exist already.
      if (process.env.PROVISOR_VERSION === undefined)
        await step('images are built from the Dockerfile', () => project.run('build'));
      await step('everything starts and becomes healthy', () => this.#start());
      await step('services are confined', () => this.#confined());
      await step('the admin API asks for its token, and shows no secret', () => this.#configure());
      await step('everybody in the directory gets an account', () => this.#firstLoad());
      await step('a change comes through', () => this.#change('ada', 'Countess'));
      await step('the state is known of everything', () => this.#stateKnown());
      await step('every metric that an alert asks for is shown', () => this.#metrics());
      await step('a stop in the middle of a call finishes the call and drains', () => this.#drain());
      await step('a start goes on with what happened meanwhile', () => this.#resume());
      await step('replicas share the work', () => this.#scale());
      await step('down drains and leaves nothing', () => this.#down());
    } catch (error) {
      error.output = `${error.output ?? ''}\n${await project.run('logs', '--tail=40').catch(String)}`;
      throw error;
    } finally {
      await project.run('down', '--volumes', '--remove-orphans');
    }
  }

  async #start() {
    await this.project.run('up', '-d', '--no-build');
    await this.#healthy();
    for (const service of SERVICES) await this.#ready(service);
  }

  #healthy() {
    return until('Healthy containers', HEALTHY_MS, async () => {
      const unhealthy = [];
      for (const service of [...BACKENDS, ...SERVICES]) {
        const containers = await this.project.inspect(service);
        if (containers.length === 0) unhealthy.push(`${service} is not there`);
        for (const { State } of containers)
          if (State.Health?.Status !== 'healthy') unhealthy.push(`${service} ${State.Health?.Status ?? State.Status}`);
      }
      return unhealthy.length === 0 || unhealthy;
    });
  }

  /** Asked from inside its container, because a service publishes no port. */
  #ready(service) {
    const script =
      "fetch('http://127.0.0.1:3000/health/ready').then(async (a) => { console.log(await a.text()); process.exit(a.ok ? 0 : 1); })";
    return until(`${service}'s readiness`, 60_000, async () => {
      await this.project.exec(service, 'node', '-e', script);
      return true;
    });
  }

  async #confined() {
    for (const service of SERVICES) {
      const [{ Config, HostConfig }] = await this.project.inspect(service);
      const problems = [
        Config.User !== '1000:1000' && `runs as ${Config.User || 'root'}`,
        !HostConfig.ReadonlyRootfs && 'may write to its root file system',
        !HostConfig.CapDrop?.includes('ALL') && 'keeps capabilities',
        !HostConfig.SecurityOpt?.some((option) => option.startsWith('no-new-privileges')) && 'may gain privileges',
      ].filter((problem) => problem !== false);
      expect(problems.length === 0, `${service} ${problems.join(', ')}.`);
      const tried = await this.project.exec(
        service,
        ...['sh', '-c', 'id -u; touch /provisor/x 2>/dev/null && echo written; touch /tmp/x && echo scratch'],
      );
      expect(tried === '1000\nscratch', `${service} is not confined: ${tried}.`);
    }
  }

  async #configure() {
    const { admin, world } = this;
    expect((await admin.get('/v1/documents')).status === 401, 'The admin API answers without a token.');
    admin.token = await this.project.exec('admin-api', 'cat', '/run/provisor/admin-token');
    await admin.put('/v1/documents', { documents: await world.documents(await this.project.gateway()) });
    const stored = await admin.get('/v1/documents');
    expect(stored.body.documents?.length === 2, 'The documents were not stored.');
    expect(!JSON.stringify(stored.body).includes(world.token), 'The admin API shows a secret.');
  }

  async #firstLoad() {
    await until('Accounts for everybody', DELIVERY_MS, async () => {
      const titles = this.world.people.map((uid) => this.world.titleOf(uid));
      return titles.every((title) => title === 'Engineer') || titles;
    });
  }

  async #change(uid, title) {
    await this.world.setTitle(uid, title);
    await this.#delivered(uid, title);
  }

  #delivered(uid, title) {
    return until(`${uid}'s title ${title}`, DELIVERY_MS, async () => {
      const seen = this.world.titleOf(uid);
      return seen === title || seen;
    });
  }

  #stateKnown() {
    return until('The state', DELIVERY_MS, async () => {
      const { body } = await this.admin.get('/v1/status');
      const [connection] = body.spConnections ?? [];
      const [dataStore] = body.dataStores ?? [];
      const known =
        connection?.state === 'active' &&
        connection.counts?.applied === this.world.people.length &&
        connection.counts.pending === 0 &&
        dataStore?.state === 'live' &&
        body.problems.length === 0;
      return known || body;
    });
  }

  /** Those that are always there; a counter begins with the first of what it counts. */
  async #metrics() {
    const alerts = readFileSync(join(this.root, 'k8s/monitoring/alerts.yaml'), 'utf8');
    const asked = new Set(alerts.match(/provisioning_[a-z_]+/g).filter((name) => !name.endsWith('_total')));
    const script = "fetch('http://127.0.0.1:3000/metrics').then(async (a) => console.log(await a.text()))";
    for (const service of SERVICES) {
      const shown = await this.project.exec(service, 'node', '-e', script);
      for (const name of asked) if (new RegExp(`^${name}\\{`, 'm').test(shown)) asked.delete(name);
    }
    expect(asked.size === 0, `Nobody shows ${[...asked].join(', ')}.`);
  }

  /** The dispatcher is told to stop while the service provider takes its time over a call. */
  async #drain() {
    const { tenant } = this.world;
    tenant.configure({ serviceTimeMs: SLOW_ANSWER_MS });
    const before = tenant.ledger.entries.length;
    await this.world.setTitle('grace', 'Rear Admiral');
    await until('A call in flight', DELIVERY_MS, async () => tenant.ledger.entries.length > before);
    await this.#stopped(SERVICES);
    tenant.configure({ serviceTimeMs: 0 });
    const [call] = tenant.ledger.entries.slice(before);
    expect(call.status >= 200 && call.status < 300, `The call in flight at the stop ended with ${call.status}.`);
  }

  async #stopped(services) {
    const started = performance.now();
    await this.project.run('stop', ...services);
    const took = performance.now() - started;
    expect(took < GRACE_MS, `The stop took ${Math.round(took / 1000)} s.`);
    for (const service of services)
      for (const { State } of await this.project.inspect(service))
        expect(State.ExitCode === 0, `${service} ended with ${State.ExitCode}; a drain ends with 0.`);
  }

  async #resume() {
    const { tenant } = this.world;
    await this.world.setTitle('katherine', 'Mathematician');
    await this.project.run('start', ...SERVICES);
    await this.#delivered('grace', 'Rear Admiral');
    await this.#delivered('katherine', 'Mathematician');
    await this.#healthy();
    await this.#stateKnown();
    expect(tenant.users.size === this.world.people.length, `There are ${tenant.users.size} accounts.`);
    const repeated = tenant.ledger.repeatedWrites().map(([{ method, path }]) => `${method} ${path}`);
    expect(repeated.length === 0, `Written twice: ${repeated.join(', ')}.`);
  }

  async #scale() {
    const twice = ['change-capture', 'mapping', 'dispatcher-scim'];
    await this.project.run('up', '-d', '--no-build', ...twice.flatMap((service) => ['--scale', `${service}=2`]));
    await this.#healthy();
    await this.#change('ada', 'Programmer');
    // Whichever replica is asked: several times in a row, because names are resolved in turn.
    for (let asked = 0; asked < 10; asked += 1) await this.#stateKnown();
  }

  async #down() {
    await this.#stopped(SERVICES);
    await this.project.run('down', '--volumes', '--remove-orphans');
    for (const service of [...SERVICES, ...BACKENDS, 'keys'])
      expect((await this.project.containers(service)).length === 0, `${service} is still there.`);
  }
}

function expect(condition, problem) {
  if (!condition) throw new Problem(problem, 'The logs stand above.');
}
