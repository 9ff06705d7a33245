import { describe, expect, it } from 'vitest';
import { EdgeAgenda } from './edge-agenda.js';

const NOW = 5_000;
const members = (edges: number, lane: 'bulk' | 'delta' = 'bulk') => [{ objectId: 'g', members: true, edges, lane }];

describe('EdgeAgenda', () => {
  it('sends at once when no bulk load goes on', () => {
    const agenda = new EdgeAgenda();
    agenda.add(members(1), NOW);
    expect(agenda.take(NOW, { bulk: false, chunk: 100 })).toHaveLength(1);
    expect(agenda.size).toBe(0);
  });

  it('waits for a full chunk during a bulk load', () => {
    const agenda = new EdgeAgenda();
    agenda.add(members(60), NOW);
    expect(agenda.take(NOW, { bulk: true, chunk: 100 })).toHaveLength(0);
    agenda.add(members(50), NOW + 10);
    expect(agenda.take(NOW + 10, { bulk: true, chunk: 100 })).toHaveLength(1);
  });

  it('sends an old chunk that is not full', () => {
    const agenda = new EdgeAgenda();
    agenda.add(members(1), NOW);
    expect(agenda.take(NOW + 1_999, { bulk: true, chunk: 100 })).toHaveLength(0);
    expect(agenda.take(NOW + 2_000, { bulk: true, chunk: 100 })).toHaveLength(1);
  });

  it('lets a live change go at once, whatever else loads', () => {
    const agenda = new EdgeAgenda();
    agenda.add(members(1), NOW);
    agenda.add(members(1, 'delta'), NOW);
    expect(agenda.take(NOW, { bulk: true, chunk: 100 })).toEqual([
      { objectId: 'g', members: true, edges: 2, lane: 'delta' },
    ]);
  });

  it('collects what comes for a group that was sent a chunk just now, for a while or until the chunk is full', () => {
    const agenda = new EdgeAgenda();
    const load = { bulk: false, chunk: 100 };
    agenda.add(members(1, 'delta'), NOW);
    expect(agenda.take(NOW, load)).toHaveLength(1);
    agenda.add(members(20, 'delta'), NOW + 100);
    expect(agenda.take(NOW + 1_499, load)).toHaveLength(0);
    expect(agenda.take(NOW + 1_500, load)).toHaveLength(1);
    agenda.add(members(110, 'delta'), NOW + 1_600);
    expect(agenda.takeMembers('g', NOW + 1_600, load)).toMatchObject({ edges: 110 });
    expect(agenda.takeMembers('g', NOW + 9_000, load)).toBeUndefined();
  });

  it('keeps a few changes of a group waiting for a moment only', () => {
    const agenda = new EdgeAgenda();
    const load = { bulk: false, chunk: 100 };
    agenda.add(members(1, 'delta'), NOW);
    agenda.take(NOW, load);
    agenda.add(members(2, 'delta'), NOW + 10);
    expect(agenda.take(NOW + 249, load)).toHaveLength(0);
    expect(agenda.take(NOW + 250, load)).toHaveLength(1);
  });

  it('lets nothing urgent, and no reference, wait for others', () => {
    const agenda = new EdgeAgenda();
    const load = { bulk: true, chunk: 100 };
    agenda.add(members(1, 'delta'), NOW);
    agenda.take(NOW, load);
    agenda.add([{ objectId: 'g', members: true, edges: 1, lane: 'leaver' }], NOW + 1);
    agenda.add([{ objectId: 'g', members: false, edges: 1, lane: 'delta' }], NOW + 1);
    expect(agenda.take(NOW + 1, load)).toHaveLength(2);
  });
});
