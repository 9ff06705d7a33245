import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GroupGraph, type Nesting } from './group-graph.js';

const id = fc.integer({ min: 0, max: 7 }).map((n) => `g${n}`);
const nestings = fc.array(fc.record({ groupId: id, memberId: id }), { maxLength: 25 });

/** Reachability by repeated squaring of the relation: slow and obvious. */
function reachable(edges: readonly Nesting[], from: string): string[] {
  const reached = new Set([from]);
  for (let round = 0; round < 10; round++)
    for (const { groupId, memberId } of edges) if (reached.has(memberId)) reached.add(groupId);
  return [...reached].sort();
}

describe('GroupGraph', () => {
  it('finds exactly the groups that are reachable, cycles or not', () => {
    fc.assert(
      fc.property(nestings, id, (edges, from) => {
        expect(new GroupGraph(edges).withAncestors([from])).toEqual(reachable(edges, from));
      }),
    );
  });

  it('has a group as ancestor exactly of its descendants', () => {
    fc.assert(
      fc.property(nestings, id, id, (edges, a, b) => {
        const graph = new GroupGraph(edges);
        expect(graph.withAncestors([a]).includes(b)).toBe(graph.withDescendants([b]).includes(a));
      }),
    );
  });

  it('is after a replacement as if it had been built anew', () => {
    fc.assert(
      fc.property(nestings, nestings, fc.uniqueArray(id), (before, after, touched) => {
        const concerns = ({ groupId, memberId }: Nesting) => touched.includes(groupId) || touched.includes(memberId);
        const graph = new GroupGraph(before);
        graph.replace(touched, after.filter(concerns));
        const rebuilt = new GroupGraph([...before.filter((edge) => !concerns(edge)), ...after.filter(concerns)]);
        for (let n = 0; n < 8; n++) {
          expect(graph.withAncestors([`g${n}`])).toEqual(rebuilt.withAncestors([`g${n}`]));
          expect(graph.isNested(`g${n}`)).toBe(rebuilt.isNested(`g${n}`));
        }
      }),
    );
  });
});
