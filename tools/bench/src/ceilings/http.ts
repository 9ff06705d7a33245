import { join } from 'node:path';
import { until } from '@provisor/testing';
import { freePort, startChild } from '@provisor/embedded';
import { Pool } from 'undici';
import { ownProgram } from '../rig/own-program.js';
import { TargetProcess } from '../target/target-process.js';
import { closedLoop } from './closed-loop.js';

const IN_FLIGHT = 64;
/** About 300 bytes. */
const PATCH = JSON.stringify({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: [{ op: 'replace', path: 'title', value: 'x'.repeat(180) }],
});

/** C1: undici towards a server that does nothing, in requests per second. */
export async function httpCeiling(dir: string, seconds: number): Promise<number> {
  const port = await freePort();
  const server = await startChild({
    name: 'The bare server',
    command: process.execPath,
    args: [ownProgram('ceilings/bare-server-main')],
    dir: join(dir, 'bare-server'),
    logFile: join(dir, 'bare-server.log'),
    env: { PATH: process.env['PATH'], BENCH_PORT: String(port) },
  });
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: IN_FLIGHT });
  const call = async (): Promise<void> => {
    const { body } = await pool.request({ method: 'PATCH', path: '/Users/1', body: PATCH });
    await body.dump();
  };
  try {
    await until('the bare server answers', () => call().then(() => true), { explain: () => server.tail() });
    return await closedLoop(call, { inFlight: IN_FLIGHT, seconds });
  } finally {
    await pool.close();
    await server.stop();
  }
}

/** What the SCIM simulator itself takes, in creates per second: it has to be much faster than what is measured with it. */
export async function simulatorCeiling(dir: string, seconds: number): Promise<number> {
  const target = await TargetProcess.start(join(dir, 'ceiling'));
  const url = new URL(target.baseUrl('ceiling'));
  const pool = new Pool(url.origin, { connections: IN_FLIGHT });
  let number = 0;
  const call = async (): Promise<void> => {
    number += 1;
    const { body } = await pool.request({
      method: 'POST',
      path: `${url.pathname}/Users`,
      headers: { authorization: `Bearer ${target.token}`, 'content-type': 'application/scim+json' },
      body: JSON.stringify({
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
        userName: `u${number}`,
        externalId: `e${number}`,
        displayName: 'x'.repeat(150),
      }),
    });
    await body.dump();
  };
  try {
    return await closedLoop(call, { inFlight: IN_FLIGHT, seconds });
  } finally {
    await pool.close();
    await target.stop();
  }
}
