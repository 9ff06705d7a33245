import { it } from 'vitest';
import { Session } from 'node:inspector/promises';
import { writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { eventually, Installation } from './dispatcher.fixture.js';
it('speed', async () => {
  const on = await Installation.open();
  const child = spawn(process.execPath, ['/tmp/scim-target.mjs', '--token', on.target.token], { env: { ...process.env, NODE_OPTIONS: '' } });
  const port = await new Promise<number>((r) => child.stdout.once('data', (d: Buffer) => r(JSON.parse(String(d)).port)));
  const base = `http://127.0.0.1:${port}`;
  const sum = async () => (await (await fetch(`${base}/_control/fast/summary`)).json()) as any;
  await on.configure('fast', { limits: { concurrency: 32 }, target: { type: 'scim', baseUrl: `${base}/fast/v2`, auth: { type: 'bearer', token: { env: 'SCIM_TOKEN' } }, allowInsecure: true } as any });
  const N = 12000;
  await on.send(...Array.from({ length: N }, (_, i) => on.command('fast', `u${i}`, { presence: 'active', attributes: { userName: `u${i}`, displayName: `User ${i}`, 'name.givenName': 'A', 'name.familyName': 'B', title: 't' } }, { lane: 'bulk' })));
  const t0 = Date.now();
  await on.start();
  await eventually(async () => (await sum()).users >= 1, 'first', 60000);
  const t2 = Date.now(); const c0 = process.cpuUsage();
  let half = 0; let ses: any; let ch = process.cpuUsage();
  await eventually(async () => { const u = (await sum()).users; if (u > N / 2 && !half) { half = Date.now(); if (process.env['PROF']) { ses = new Session(); ses.connect(); await ses.post('Profiler.enable'); await ses.post('Profiler.setSamplingInterval', { interval: 500 }); await ses.post('Profiler.start'); } ch = process.cpuUsage(); } await new Promise((r) => setTimeout(r, 100)); return u >= N; }, 'all', 100000);
  const t3 = Date.now(); const c1 = process.cpuUsage(c0); const c2 = process.cpuUsage(ch); if (ses) writeFileSync('/tmp/prof.json', JSON.stringify((await ses.post('Profiler.stop')).profile));
  await eventually(() => on.terminal('fast').length >= N, 'results', 60000);
  console.log(JSON.stringify({ load: t3 - t2, perS: Math.round(N / ((t3 - t2) / 1000)), secondHalfPerS: Math.round(N / 2 / ((t3 - half) / 1000)), cpuUs: Math.round((c1.user + c1.system) / N), halfCpuUs: Math.round((c2.user + c2.system) / (N / 2)), results: Date.now() - t3, requests: (await sum()).requests }));
  // latency of single changes
  const lat: number[] = [];
  for (let i = 0; i < 200; i++) {
    const before = on.results.length; const t = performance.now();
    await on.send(on.command('fast', `u${i}`, { presence: 'active', attributes: { userName: `u${i}`, displayName: `X ${i}` } }));
    while (on.results.length === before) await new Promise((r) => setImmediate(r));
    const r = on.results.at(-1)!; lat.push(Date.parse(r.finishedAt) - Date.parse(r.mappedAt)); void t;
  }
  lat.sort((a, b) => a - b); console.log('latency mapped->2xx ms', lat[100], lat[190], lat[198]);
  child.kill();
  await on.close();
}, 400000);
