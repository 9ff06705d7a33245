import type { ServiceName } from '@provisor/e2e';
import type { Fault } from './fault.js';

/** SIGKILL of services, all at one time. */
export const killOf = (o: { id: string; title: string; names: readonly ServiceName[] }): Fault => ({
  id: o.id,
  title: o.title,
  heals: 'restart after 0–10 s',
  async inject(context) {
    const services = o.names.map((name) => context.world.installation.service(name));
    await Promise.all(services.map((service) => service.kill()));
    const downMs = await context.wait(0, 10_000);
    context.say(`${o.names.join(', ')} killed, down for ${downMs} ms`);
    await context.world.startServices(services);
  },
});
