import { describe, expect, it } from 'vitest';
import { connection, eventually, store } from './examples.fixture.js';
import { ask, control, dispatcherAnswers } from './admin-api.fixture.js';

describe('status and control', () => {
  it('tells what the dispatcher says, and unknown where nobody says anything', async () => {
    await ask('PUT', '/v1/documents', {
      body: { documents: [store('s-ldap'), connection('said-sp', 's-ldap'), connection('unsaid-sp', 's-ldap')] },
    });
    const counts = { desired: 10, applied: 7, pending: 2, failed: 1, held: 0 };
    dispatcherAnswers.set('/internal/sp-connections', {
      spConnections: [{ name: 'said-sp', paused: false, counts, oldestPendingAgeMs: 1234 }],
    });
    const said = await ask('GET', '/v1/sp-connections/said-sp/status');
    expect(said.body).toMatchObject({ state: 'active', counts, oldestPendingAgeMs: 1234, targetType: 'scim' });
    const unsaid = await ask('GET', '/v1/sp-connections/unsaid-sp/status');
    expect(unsaid.body).toMatchObject({ state: 'unknown' });
    expect(unsaid.body.counts).toBeUndefined();
    expect(unsaid.body.reason).toMatch(/dispatcher/i);
    dispatcherAnswers.delete('/internal/sp-connections');
    const { body } = await ask('GET', '/v1/status');
    expect(body.spConnections.find((item) => item.name === 'said-sp')?.state).toBe('unknown');
    expect(body.problems).toHaveLength(1);
    expect((await ask('GET', '/v1/sp-connections/no-such/status')).status).toBe(404);
  });

  it('lists holds as the dispatcher tells them, and says who knows nothing', async () => {
    await ask('PUT', '/v1/documents', { body: { documents: [store('h-ldap'), connection('h-sp', 'h-ldap')] } });
    const empty = await ask('GET', '/v1/sp-connections/h-sp/holds');
    expect(empty.body).toMatchObject({ total: 0, counts: { disable: 0 }, holds: [] });
    const hold = {
      kind: 'disable',
      objectId: 'o-1',
      objectType: 'user',
      channel: 'staff',
      cause: '50 accounts were disabled',
      since: '2026-01-01T00:00:00.000Z',
      version: { sequence: 2, config: 1 },
      reason: 'left-scope',
      occurredAt: '2026-01-01T00:00:00.000Z',
    };
    const counts = { delete: 0, disable: 1, blank: 0, 'remove-member': 0 };
    const page = { spConnection: 'h-sp', total: 1, counts, oldestSince: hold.since, holds: [hold], next: 'more' };
    dispatcherAnswers.set('/internal/sp-connections/h-sp/holds?limit=7&kind=disable&objectId=o-1', page);
    const { body } = await ask('GET', '/v1/sp-connections/h-sp/holds?kind=disable&objectId=o-1&limit=7');
    expect(body).toEqual(page);
    expect((await ask('GET', '/v1/sp-connections/no-such/holds')).status).toBe(404);
    expect((await ask('GET', '/v1/sp-connections/h-sp/holds?kind=other')).status).toBe(400);
  });

  it('approves a selection of holds and audits what was selected', async () => {
    await ask('PUT', '/v1/documents', { body: { documents: [store('a-ldap'), connection('a-sp', 'a-ldap')] } });
    const selection = { objectIds: ['o-1', 'o-2'], kinds: ['remove-member'], groupId: 'g-1' };
    const { status, body } = await ask('POST', '/v1/sp-connections/a-sp/approve', { body: selection });
    expect(status).toBe(202);
    const sent = await eventually(() => control.find(({ value }) => value?.id === body.id), 'the approval');
    expect(sent.value).toMatchObject({ action: 'approve', spConnection: 'a-sp', ...selection });
    const audit = await ask('GET', '/v1/audit?subject=SpConnection/a-sp&limit=1');
    expect(audit.body.entries[0]).toMatchObject({ action: 'control.approve', details: selection });
    control.splice(control.indexOf(sent), 1);
  });

  it('explains an object as its dispatcher does, lists quarantines, and ends one with an audit record', async () => {
    await ask('PUT', '/v1/documents', { body: { documents: [store('e-ldap'), connection('e-sp', 'e-ldap')] } });
    const at = new Date().toISOString();
    const said = {
      spConnection: 'e-sp',
      objectId: 'o-1',
      objectType: 'user',
      state: 'pending',
      version: { sequence: 3, config: 1 },
      lane: 'delta',
      reason: 'attribute-changed',
      desired: { presence: 'active', attributes: { title: 'Dr' } },
      applied: null,
      attempts: 2,
      lastOutcome: { kind: 'halted', code: 'scim.unauthorized', at },
      waits: [{ kind: 'quarantined', what: 'the SP connection to leave quarantine', until: at }],
      plan: { kind: 'match', what: 'Look for an account.' },
      occurredAt: at,
      desiredAt: at,
      edges: [],
    };
    dispatcherAnswers.set('/internal/sp-connections/e-sp/objects/o-1', { ...said, somethingNew: true });
    const quarantine = { code: 'scim.unauthorized', cause: 'HTTP 401', since: at, probeAt: null };
    dispatcherAnswers.set('/internal/sp-connections', { spConnections: [{ name: 'e-sp', quarantine }] });
    const explained = await ask('GET', '/v1/sp-connections/e-sp/objects/o-1');
    expect(explained.body).toEqual(said);
    expect((await ask('GET', '/v1/sp-connections/e-sp/objects/nobody')).body.detail).toMatch(/^No dispatcher knows/);
    expect(await ask('GET', '/v1/sp-connections/no-sp/objects/o-1')).toMatchObject({
      status: 404,
      body: { detail: 'There is no SP connection "no-sp".' },
    });
    const { body } = await ask('GET', '/v1/quarantines');
    expect(body).toEqual({
      quarantines: [{ spConnection: 'e-sp', code: 'scim.unauthorized', cause: 'HTTP 401', since: at }],
      problems: [],
    });
    dispatcherAnswers.delete('/internal/sp-connections');
    expect((await ask('POST', '/v1/sp-connections/e-sp/release')).status).toBe(202);
    await eventually(() => control.find(({ value }) => value?.action === 'release'), 'the control command');
    const audit = await ask('GET', '/v1/audit?subject=SpConnection/e-sp&limit=1');
    expect(audit.body.entries.map((entry) => entry.action)).toEqual(['control.release']);
    control.splice(0);
  });

  it('asks for a reconciliation with an audit record, and tells of runs as the dispatcher does', async () => {
    await ask('PUT', '/v1/documents', { body: { documents: [store('r-ldap'), connection('r-sp', 'r-ldap')] } });
    const body = { objectId: 'o-1', repair: true };
    const accepted = await ask('POST', '/v1/sp-connections/r-sp/reconcile', { body });
    expect(accepted.status).toBe(202);
    const sent = await eventually(() => control.find(({ value }) => value?.action === 'reconcile'), 'the command');
    expect(sent.value).toMatchObject({ spConnection: 'r-sp', objectId: 'o-1', repair: true, id: accepted.body.id });
    const audit = await ask('GET', '/v1/audit?subject=SpConnection/r-sp&limit=1');
    expect(audit.body.entries).toMatchObject([{ action: 'control.reconcile', details: { repair: true } }]);
    const run = {
      id: accepted.body.id,
      spConnection: 'r-sp',
      objectId: 'o-1',
      scheduled: false,
      repair: true,
      requestedBy: 'ada',
      requestedAt: new Date().toISOString(),
      startedAt: null,
      finishedAt: null,
      state: 'waiting',
      cause: null,
      progress: { objectType: null, listed: 0, total: null },
      counts: { drifted: 1 },
      samples: [{ kind: 'drifted', objectType: 'user', objectId: 'o-1', paths: ['title'] }],
      requests: 2,
    };
    dispatcherAnswers.set('/internal/sp-connections/r-sp/reconciliations?limit=20', { reconciliations: [run] });
    const told = await ask('GET', '/v1/sp-connections/r-sp/reconciliations');
    expect(told.body).toEqual({ reconciliations: [run] });
    expect((await ask('GET', '/v1/sp-connections/no-sp/reconciliations')).status).toBe(404);
    control.splice(0);
  });

  it('sends control commands and audits them', async () => {
    await ask('PUT', '/v1/documents', { body: { documents: [store('c-ldap'), connection('c-sp', 'c-ldap')] } });
    const accepted = await ask('POST', '/v1/sp-connections/c-sp/pause', { headers: { 'x-provisor-actor': 'ben' } });
    expect(accepted.status).toBe(202);
    expect((await ask('POST', '/v1/sp-connections/c-sp/retry', { body: { objectId: 'o-7' } })).status).toBe(202);
    expect((await ask('POST', '/v1/sp-connections/c-sp/objects/a%2Fb/provision-now')).status).toBe(202);
    expect((await ask('POST', '/v1/data-stores/c-ldap/compare')).status).toBe(202);
    expect((await ask('POST', '/v1/sp-connections/nobody/pause')).status).toBe(404);
    const seen = await eventually(() => (control.length >= 4 ? control : undefined), 'four control commands');
    expect(seen.map(({ value }) => value)).toMatchObject([
      { action: 'pause', spConnection: 'c-sp', requestedBy: 'ben (admin token)', id: accepted.body.id },
      { action: 'retry', objectId: 'o-7' },
      { action: 'provision-now', objectId: 'a/b' },
      { action: 'compare-source', dataStore: 'c-ldap' },
    ]);
    const audit = await ask('GET', '/v1/audit?subject=SpConnection/c-sp&limit=3');
    expect(audit.body.entries.map((entry) => entry.action)).toEqual([
      'control.provision-now',
      'control.retry',
      'control.pause',
    ]);
  });
});
