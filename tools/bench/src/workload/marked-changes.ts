import type { TargetRequest } from '../target/target-process.js';
import { numberOf } from '../target/mark.js';

/** A change with a number of its own, which its value carries to the target. Numbers of one object grow in the order of its changes. */
export interface MarkedChange {
  readonly number: number;
  /** Whose change it is. */
  readonly object: string;
  /** In milliseconds since the epoch. */
  readonly dueAt: number;
}

export interface Arrival {
  readonly change: MarkedChange;
  readonly latencyMs: number;
}

/** What became of changes, as the target's ledger tells it. */
export interface Arrivals {
  readonly arrived: readonly Arrival[];
  /** Changes that the target has not, neither itself nor a later one of the same object. */
  readonly lost: readonly MarkedChange[];
  /** Writes of an older value after a newer one, and writes of one object at the same time. */
  readonly disorder: readonly string[];
  /** Writes that repeat the value that the object had already. */
  readonly repeated: number;
  /** Writes that carried a mark and were accepted. */
  readonly writes: readonly TargetRequest[];
}

/** A change has arrived with the first accepted write of its value or of a later one: pending changes of one object may be folded. */
export function arrivalsOf(changes: readonly MarkedChange[], ledger: readonly TargetRequest[]): Arrivals {
  const byNumber = new Map(changes.map((change) => [change.number, change]));
  const waiting = new Map<string, MarkedChange[]>();
  for (const change of changes) {
    const list = waiting.get(change.object);
    if (list === undefined) waiting.set(change.object, [change]);
    else list.push(change);
  }
  for (const list of waiting.values()) list.sort((a, b) => a.number - b.number);
  const arrived: Arrival[] = [];
  const disorder: string[] = [];
  const last = new Map<string, { number: number; answeredAt: number }>();
  let repeated = 0;
  const writes = ledger.filter(
    ({ method, status, marks }) => method !== 'GET' && status < 300 && status > 0 && marks.length > 0,
  );
  for (const { marks, time, answeredAt } of writes) {
    const number = Math.max(...marks.map(numberOf));
    const change = byNumber.get(number);
    if (change === undefined) continue;
    const before = last.get(change.object);
    if (before !== undefined) {
      if (number < before.number) disorder.push(`${change.object}: ${number} after ${before.number}`);
      if (number === before.number) repeated += 1;
      if (time < before.answeredAt)
        disorder.push(`${change.object}: ${number} began before ${before.number} was answered`);
    }
    last.set(change.object, { number: Math.max(number, before?.number ?? 0), answeredAt });
    const list = waiting.get(change.object) ?? [];
    while (list[0] !== undefined && list[0].number <= number) {
      const done = list.shift();
      if (done !== undefined) arrived.push({ change: done, latencyMs: answeredAt - done.dueAt });
    }
  }
  return { arrived, lost: [...waiting.values()].flat(), disorder, repeated, writes };
}

/** Answers per second between the first and the last twentieth of them: without the start and the end. */
export function steadyRate(requests: readonly TargetRequest[]): number {
  const times = requests.map(({ answeredAt }) => answeredAt).sort((a, b) => a - b);
  const [from, to] = [Math.floor(times.length * 0.05), Math.ceil(times.length * 0.95) - 1];
  const took = (times[to] ?? 0) - (times[from] ?? 0);
  return took > 0 ? ((to - from) / took) * 1000 : Number.NaN;
}
