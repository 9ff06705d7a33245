import { randomUUID } from 'node:crypto';
import { encodeRecord, provisioningControl, type ControlCommand } from '@provisor/contracts';
import { eventually, type Dispatcher, type Installation } from './dispatcher.fixture.js';
import { SETTLING_MS } from './reconciliation/compare-page.js';
import type { ShownRun } from './status/reconciliation-report.js';

/** Asks an installation for reconciliations, and waits for them. */
export class Reconciliations {
  readonly #on: Installation;
  readonly #dispatcher: () => Dispatcher;

  constructor(on: Installation, dispatcher: () => Dispatcher) {
    this.#on = on;
    this.#dispatcher = dispatcher;
  }

  async runs(name: string): Promise<ShownRun[]> {
    const answer = await this.#dispatcher().ask(`/sp-connections/${name}/reconciliations`);
    return (answer as { reconciliations: ShownRun[] }).reconciliations;
  }

  /** Resolves to the id of the run. */
  async request(name: string, o: { repair?: boolean; objectId?: string } = {}): Promise<string> {
    const control = {
      action: 'reconcile',
      spConnection: name,
      id: randomUUID(),
      requestedBy: 'test',
      requestedAt: new Date().toISOString(),
      ...o,
    } as ControlCommand;
    const meta = { id: control.id, source: '/test', time: new Date() };
    const record = { topic: provisioningControl.name, ...encodeRecord(provisioningControl, control, meta) };
    await this.#on.producer.send([record]);
    return control.id;
  }

  ended(name: string, id: string): Promise<ShownRun> {
    return eventually(
      async () => {
        const run = (await this.runs(name)).find((one) => one.id === id);
        return run?.finishedAt ? run : undefined;
      },
      `the end of run ${id}`,
      60_000,
    );
  }

  async run(name: string, o: { repair?: boolean; objectId?: string } = {}): Promise<ShownRun> {
    return this.ended(name, await this.request(name, o));
  }

  /** Nothing waits any more, neither objects nor memberships. */
  async settled(name: string): Promise<void> {
    await eventually(
      async () => {
        const all = (await this.#dispatcher().ask('/sp-connections')) as {
          spConnections: { name: string; counts: { pending: number; desired: number; waitingMemberships: number } }[];
        };
        const counts = all.spConnections.find((one) => one.name === name)?.counts;
        return counts !== undefined && counts.pending + counts.waitingMemberships === 0 && counts.desired > 0;
      },
      'the end of all work',
      90_000,
    );
  }

  /** What was written a moment ago is not compared yet. */
  async cooled(): Promise<void> {
    const since = Date.now();
    await eventually(() => Date.now() - since > SETTLING_MS + 100, 'the time after which an account is compared');
  }
}
