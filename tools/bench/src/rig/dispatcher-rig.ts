import { randomUUID } from 'node:crypto';
import {
  dispatcherGroup,
  encodeRecord,
  identityChanges,
  limitScopeOf,
  provisioningCommands,
  provisioningConfig,
  provisioningControl,
  provisioningDeadLetters,
  provisioningResults,
  readConfiguration,
  type ControlCommand,
  type ProvisioningCommand,
  type TargetAttributes,
} from '@provisor/contracts';
import type { OutgoingRecord } from '@provisor/kafka';
import { mark } from '../target/mark.js';
import { DATA_STORE, spConnectionDocument, type SpConnectionOptions } from '../workload/documents.js';
import { Rig, type RigOptions } from './rig.js';

const COMMANDS = provisioningCommands('scim');
const GROUP = dispatcherGroup('scim');
const BATCH = 500;

export interface Told {
  readonly spConnection: string;
  readonly objectId: string;
  /** What the title of the account says. */
  readonly number?: number;
  /** Object ids of groups. */
  readonly memberOf?: readonly string[];
  readonly objectType?: 'user' | 'group';
  readonly lane?: ProvisioningCommand['lane'];
}

/** The dispatcher by itself: the harness writes its configuration and its commands, as admin API and mapping would. */
export class DispatcherRig {
  readonly rig: Rig;
  readonly #sequences = new Map<string, number>();
  readonly #scopes = new Map<string, string>();
  #version = 0;

  private constructor(rig: Rig) {
    this.rig = rig;
  }

  static async open(options: Omit<RigOptions, 'services' | 'people'>): Promise<DispatcherRig> {
    const rig = await Rig.open({ ...options, services: ['dispatcher'] });
    try {
      const topics = [COMMANDS, identityChanges, provisioningResults, provisioningConfig, provisioningControl];
      await rig.kafka.admin().ensureTopics([...topics, provisioningDeadLetters]);
      return new DispatcherRig(rig);
    } catch (error) {
      await rig.close();
      throw error;
    }
  }

  /** An SP connection; its service provider is the tenant of the same name unless given. */
  async configure(o: Omit<SpConnectionOptions, 'baseUrl'> & { readonly tenant?: string }): Promise<void> {
    const yaml = spConnectionDocument({ ...o, baseUrl: this.rig.target.baseUrl(o.tenant ?? o.name) });
    const { documents, problems } = readConfiguration(yaml);
    const [document] = documents;
    if (document?.kind !== 'SpConnection' || problems.length > 0) throw new Error(JSON.stringify(problems));
    this.#scopes.set(o.name, limitScopeOf(document));
    this.#version += 1;
    const record = { version: this.#version, document, appliedAt: new Date().toISOString(), appliedBy: 'bench' };
    await this.#send([{ topic: provisioningConfig.name, ...encodeRecord(provisioningConfig, record, meta()) }]);
  }

  /** Tells the dispatcher what objects should be. Resolves when the broker has it. */
  async tell(told: readonly Told[]): Promise<void> {
    for (let from = 0; from < told.length; from += BATCH)
      await this.#send(told.slice(from, from + BATCH).map((one) => this.#record(one)));
  }

  async control(action: 'pause' | 'resume', spConnection: string): Promise<void> {
    const requestedAt = new Date().toISOString();
    const command: ControlCommand = { id: randomUUID(), action, spConnection, requestedBy: 'bench', requestedAt };
    await this.#send([{ topic: provisioningControl.name, ...encodeRecord(provisioningControl, command, meta()) }]);
    const paused = action === 'pause';
    await this.rig.until(
      `${spConnection} is ${action}d`,
      async () => {
        const rows = await this.rig.query<{ paused: boolean }>(
          'select paused from dispatch.sp_connections where sp_connection = $1',
          [spConnection],
        );
        return rows[0]?.paused === paused;
      },
      30_000,
      20,
    );
  }

  /** Every command has been taken in. */
  async ingested(withinMs = 120_000): Promise<void> {
    const behind = async (): Promise<boolean> =>
      (await this.rig.kafka.admin().lag(GROUP, [COMMANDS.name])).every(({ lag }) => lag === 0n);
    await this.rig.until('the commands are taken in', behind, withinMs, 50);
  }

  /** Every command has been taken in, and nothing is left to do for these SP connections, or for all. */
  async settled(withinMs = 300_000, ...spConnections: readonly string[]): Promise<void> {
    await this.ingested(withinMs);
    const done = async (): Promise<boolean> => (await this.pending(...spConnections)) === 0;
    await this.rig.until('nothing is left to do', done, withinMs, 50);
  }

  /** The database does its housekeeping now, and not in the middle of what is measured next. */
  async calm(): Promise<void> {
    await this.rig.query('vacuum (analyze)');
    await this.rig.query('checkpoint');
  }

  /** Objects and memberships that are not yet as they should be. */
  async pending(...spConnections: readonly string[]): Promise<number> {
    const [row] = await this.rig.query<{ pending: string }>(
      `select (select count(*) from dispatch.target_objects where state = 'pending' and ($1::text[] = '{}' or sp_connection = any ($1)))
        + (select count(*) from dispatch.edges where desired <> applied and ($1::text[] = '{}' or sp_connection = any ($1))) as pending`,
      [[...spConnections]],
    );
    return Number(row?.pending);
  }

  close(): Promise<void> {
    return this.rig.close();
  }

  async #send(records: readonly OutgoingRecord[]): Promise<void> {
    const producer = await this.rig.kafka.producer();
    await producer.send(records);
  }

  #record(told: Told): OutgoingRecord {
    const { spConnection, objectId, objectType = 'user' } = told;
    const sequence = (this.#sequences.get(`${spConnection} ${objectId}`) ?? 0) + 1;
    this.#sequences.set(`${spConnection} ${objectId}`, sequence);
    const now = new Date().toISOString();
    const attributes: TargetAttributes =
      objectType === 'group'
        ? { displayName: objectId }
        : { userName: objectId, displayName: `Person ${objectId}`, title: mark(told.number ?? 0) };
    const command: ProvisioningCommand = {
      ...{ spConnection, objectId, objectType, channel: 'staff', dataStore: DATA_STORE },
      version: { sequence, config: 1 },
      desired: { presence: 'active', attributes, ...(told.memberOf && { memberOf: [...told.memberOf] }) },
      ...{ reason: 'attribute-changed', lane: told.lane ?? 'delta', occurredAt: now, mappedAt: now },
    };
    const key = this.#scopes.get(spConnection) ?? spConnection;
    return { topic: COMMANDS.name, ...encodeRecord(COMMANDS, command, { ...meta(), key }) };
  }
}

const meta = () => ({ id: randomUUID(), source: '/bench', time: new Date() });
