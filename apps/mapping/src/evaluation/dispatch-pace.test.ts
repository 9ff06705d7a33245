import { dispatcherGroup, provisioningCommands } from '@provisor/contracts';
import { systemClock, type Clock } from '@provisor/host';
import { partitionOf, type TopicAdmin } from '@provisor/kafka';
import { silentLogger } from '@provisor/telemetry';
import { describe, expect, it } from 'vitest';
import { DispatchPace } from './dispatch-pace.js';

const signal = new AbortController().signal;
const HERE = partitionOf('here', 2);

const paced = (lag: TopicAdmin['lag'], clock: Clock = systemClock): DispatchPace =>
  new DispatchPace({ admin: { lag }, clock, log: silentLogger, destinations: new Map([['scim', new Set(['here'])]]) });

/** A partition that a dispatcher reads at a rate, in virtual time. */
class ReadPartition {
  now = 1_000_000;
  end = 0;
  committed = 0;
  readonly asked = new Set<string>();
  perSecond: number;

  constructor(o: { unread: number; perSecond: number }) {
    this.end = o.unread;
    this.perSecond = o.perSecond;
  }

  pace(): DispatchPace {
    const lag = async (group: string, topics: readonly string[]) => {
      this.asked.add(`${group} ${topics.join()}`);
      const [committed, end] = [BigInt(this.committed), BigInt(this.end)];
      return [
        // One of another SP connection, which is busy and never done.
        { topic: '', partition: 1 - HERE, committed: BigInt(this.now), end: BigInt(this.now) + 9000n, lag: 9000n },
        { topic: '', partition: HERE, committed, end, lag: end - committed },
      ];
    };
    const sleep = async (ms: number) => {
      this.now += ms;
      this.committed = Math.min(this.end, this.committed + Math.round((this.perSecond * ms) / 1000));
    };
    const clock = { now: () => this.now, date: () => new Date(this.now), sleep };
    return paced(lag, clock);
  }

  async waited(pace: DispatchPace): Promise<number> {
    const began = this.now;
    await pace.ready(signal);
    return this.now - began;
  }
}

describe('the pace of an evaluation', () => {
  it('does not wait while dispatchers keep up', async () => {
    const partition = new ReadPartition({ unread: 500, perSecond: 0 });
    expect(await partition.waited(partition.pace())).toBe(0);
    expect([...partition.asked]).toEqual([`${dispatcherGroup('scim')} ${provisioningCommands('scim').name}`]);
  });

  it('waits until few commands are unread, however long that takes', async () => {
    const partition = new ReadPartition({ unread: 10_500, perSecond: 1000 });
    expect(await partition.waited(partition.pace())).toBe(10_000);
  });

  it('waits for dispatchers that stand still once, and again when they go on', async () => {
    const partition = new ReadPartition({ unread: 5000, perSecond: 0 });
    const pace = partition.pace();
    expect(await partition.waited(pace)).toBe(2000);
    expect(await partition.waited(pace)).toBe(0);
    partition.committed += 100;
    expect(await partition.waited(pace)).toBe(2000);
    partition.perSecond = 1000;
    partition.committed += 100;
    expect(await partition.waited(pace)).toBe(4300);
  });

  it('does not wait where the broker does not let it look', async () => {
    let asked = 0;
    const refused = paced(async () => {
      asked += 1;
      throw new Error('Not authorized to access group');
    });
    await refused.ready(signal);
    await refused.ready(signal);
    expect(asked).toBe(1);
  });

  it('ends when it is told to', async () => {
    const partition = new ReadPartition({ unread: 5000, perSecond: 1 });
    await expect(partition.pace().ready(AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
  });
});
