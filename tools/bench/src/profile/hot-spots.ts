/** What V8 writes with `--cpu-prof`: the parts that are used here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const SHOWN = 40;

/** Tables of where the time went: by package, by function itself, and by function of ours with all that it calls. */
export function hotSpots(profile: CpuProfile): string {
  const self = selfTimes(profile);
  const busy = [...self].filter(([id]) => nameOf(profile, id) !== '(idle)');
  const total = busy.reduce((sum, [, ms]) => sum + ms, 0);
  const by = (key: (id: number) => string): [string, number][] => {
    const sums = new Map<string, number>();
    for (const [id, ms] of busy) sums.set(key(id), (sums.get(key(id)) ?? 0) + ms);
    return [...sums].sort((a, b) => b[1] - a[1]).slice(0, SHOWN);
  };
  const table = (title: string, rows: readonly [string, number][]): string =>
    [
      `### ${title}\n`,
      '| ms | share | where |',
      '| ---: | ---: | --- |',
      ...rows.map(([name, ms]) => `| ${ms.toFixed(0)} | ${((ms / total) * 100).toFixed(1)} % | \`${name}\` |`),
    ].join('\n');
  return [
    table(
      `By package (${(total / 1000).toFixed(1)} s in all)`,
      by((id) => packageOf(frame(profile, id).url)),
    ),
    table(
      'By function, itself',
      by((id) => nameOf(profile, id)),
    ),
    table('By function of ours, with what it calls', inclusive(profile, self)),
  ].join('\n\n');
}

type Node = CpuProfile['nodes'][number];
const indexes = new WeakMap<CpuProfile, Map<number, Node>>();

function node(profile: CpuProfile, id: number): Node | undefined {
  let index = indexes.get(profile);
  if (index === undefined) indexes.set(profile, (index = new Map(profile.nodes.map((one) => [one.id, one]))));
  return index.get(id);
}

const frame = (profile: CpuProfile, id: number): Node['callFrame'] =>
  node(profile, id)?.callFrame ?? { functionName: '', url: '', lineNumber: 0 };

function nameOf(profile: CpuProfile, id: number): string {
  const { functionName, url, lineNumber } = frame(profile, id);
  const name = functionName || '(anonymous)';
  return url === '' ? name : `${name} ${shortUrl(url)}:${lineNumber + 1}`;
}

const shortUrl = (url: string): string =>
  url.replace(/^.*\/node_modules\//, '').replace(/^.*\/((?:apps|libs|tools)\/)/, '$1');

function packageOf(url: string): string {
  if (url === '') return '(engine)';
  if (url.startsWith('node:')) return url;
  const dependency = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  return dependency ?? /\/((?:apps|libs|tools)\/.*?)\/dist\//.exec(url)?.[1] ?? url;
}

/** Milliseconds per node. */
function selfTimes({ samples, timeDeltas }: CpuProfile): Map<number, number> {
  const times = new Map<number, number>();
  for (const [index, id] of samples.entries())
    times.set(id, (times.get(id) ?? 0) + Math.max(0, timeDeltas[index] ?? 0) / 1000);
  return times;
}

/** A function that calls itself is counted once. */
function inclusive(profile: CpuProfile, self: ReadonlyMap<number, number>): [string, number][] {
  const sums = new Map<string, number>();
  const roots = profile.nodes[0];
  if (roots === undefined) return [];
  const walk = (id: number, above: ReadonlySet<string>): number => {
    const name = nameOf(profile, id);
    const below = new Set(above).add(name);
    let sum = self.get(id) ?? 0;
    for (const child of node(profile, id)?.children ?? []) sum += walk(child, below);
    if (
      !above.has(name) &&
      /\/(apps|libs)\//.test(frame(profile, id).url) &&
      !/node_modules/.test(frame(profile, id).url)
    )
      sums.set(name, (sums.get(name) ?? 0) + sum);
    return sum;
  };
  walk(roots.id, new Set());
  return [...sums].sort((a, b) => b[1] - a[1]).slice(0, SHOWN);
}
