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
  readonly writes: readonly MarkedWrite[];
}

type MarkedWrite = Pick<TargetRequest, 'method' | 'status' | 'marks' | 'time' | 'answeredAt'>;

/** A change has arrived with the first accepted write of its value or of a later one: pending changes of one object may be folded. */
export function arrivalsOf(changes: readonly MarkedChange[], ledger: readonly MarkedWrite[]): Arrivals {
  const byNumber = new Map(changes.map((change) => [change.number, change]));
  const waiting = Map.groupBy(
    changes.toSorted((a, b) => a.number - b.number),
    ({ object }) => object,
  );
  const arrived: Arrival[] = [];
  const order = new Order();
  const writes = ledger.filter(isMarkedWrite);
  for (const write of writes) {
    const number = Math.max(...write.marks.map(numberOf));
    const object = byNumber.get(number)?.object;
    if (object === undefined) continue;
    order.see(object, number, write);
    const list = waiting.get(object) ?? [];
    const later = list.findIndex((change) => change.number > number);
    for (const change of list.splice(0, later < 0 ? list.length : later))
      arrived.push({ change, latencyMs: write.answeredAt - change.dueAt });
  }
  return { arrived, lost: [...waiting.values()].flat(), disorder: order.disorder, repeated: order.repeated, writes };
}

const isMarkedWrite = ({ method, status, marks }: MarkedWrite): boolean =>
  method !== 'GET' && status > 0 && status < 300 && marks.length > 0;

/** Watches the writes of each object. */
class Order {
  readonly disorder: string[] = [];
  repeated = 0;
  readonly #last = new Map<string, { readonly number: number; readonly answeredAt: number }>();

  see(object: string, number: number, { time, answeredAt }: MarkedWrite): void {
    const before = this.#last.get(object);
    this.#last.set(object, { number: Math.max(number, before?.number ?? 0), answeredAt });
    if (before === undefined) return;
    if (number < before.number) this.disorder.push(`${object}: ${number} after ${before.number}`);
    if (number === before.number) this.repeated += 1;
    if (time < before.answeredAt) this.disorder.push(`${object}: ${number} began before ${before.number} was answered`);
  }
}

/** Answers per second between the first and the last twentieth of them: without the start and the end. */
export function steadyRate(requests: readonly Pick<TargetRequest, 'answeredAt'>[]): number {
  const times = requests.map(({ answeredAt }) => answeredAt).sort((a, b) => a - b);
  const [from, to] = [Math.floor(times.length * 0.05), Math.ceil(times.length * 0.95) - 1];
  const took = (times[to] ?? 0) - (times[from] ?? 0);
  return took > 0 ? ((to - from) / took) * 1000 : Number.NaN;
}
