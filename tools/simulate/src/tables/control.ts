import { keyOf, type OutgoingRecordLike, type TargetObject } from '@provisor/persistence';
import type { Tables } from './tables.js';

/** What operators ask for, as `ControlStore` does it. Each answers the objects that it changed. */
export class ControlTable {
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  pause(spConnection: string, paused: boolean): void {
    const row = this.#tables.connections.get(spConnection);
    if (row !== undefined) row.paused = paused;
  }

  approve(spConnection: string, now: number): string[] {
    return this.#held(spConnection, 'approved').map((row) => {
      this.#tables.update(row, { state: 'pending', holdReleased: true, nextAttemptAt: now });
      return row.objectId;
    });
  }

  reject(spConnection: string, now: number, record: (object: TargetObject) => OutgoingRecordLike): string[] {
    return this.#held(spConnection, 'rejected').map((row) => {
      const attempt = row.attempt + 1;
      this.#tables.update(row, {
        state: 'skipped',
        attempt,
        lastOutcome: { kind: 'skipped', code: 'guard.rejected', at: now },
      });
      this.#tables.outbox.push(record({ ...row, attempt }));
      return row.objectId;
    });
  }

  #held(spConnection: string, decision: 'approved' | 'rejected') {
    const rows = this.#tables.objectsOf(spConnection).filter((row) => row.state === 'held');
    const keys = new Set(rows.map(keyOf));
    for (const hold of this.#tables.holds) if (hold.decision === null && keys.has(hold.key)) hold.decision = decision;
    return rows;
  }

  retry(spConnection: string, now: number): string[] {
    for (const edge of this.#tables.edgesOf(spConnection))
      if (edge.desired !== edge.applied && edge.attempt > 0)
        Object.assign(edge, { attempt: 1, firstAttemptAt: null, nextAttemptAt: now });
    const failed = this.#tables.objectsOf(spConnection).filter((row) => row.state === 'failed');
    for (const row of failed)
      this.#tables.update(row, { state: 'pending', failures: 0, firstAttemptAt: null, nextAttemptAt: now });
    return failed.map((row) => row.objectId);
  }

  provisionNow(spConnection: string, objectId: string, now: number): string[] {
    const row = this.#tables.object({ spConnection, objectId });
    if (row === undefined || row.state === 'held') return [];
    this.#tables.update(row, {
      state: 'pending',
      lane: 'interactive',
      failures: 0,
      firstAttemptAt: null,
      nextAttemptAt: now,
    });
    return [objectId];
  }
}
