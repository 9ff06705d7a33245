import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { EmbeddedProblem } from '../embedded-problem.js';

const HOST = '127.0.0.1';

/** Below the ports that systems give to outgoing connections, which may take one between its being found and its being used. */
const FIRST_PORT = 16_384;
const LAST_PORT = 32_767;
const TRIES = 20;

/** A port of the loopback interface that nothing listens on at this moment. */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const port = await listen(randomInt(FIRST_PORT, LAST_PORT + 1)).catch(() => undefined);
    if (port !== undefined) return port;
  }
  return listen(0);
}

/** @throws EmbeddedProblem when something listens on the port already. */
export async function requireFreePort(port: number, purpose: string): Promise<number> {
  try {
    return await listen(port);
  } catch (error) {
    throw new EmbeddedProblem(
      `Port ${port} on ${HOST}, wanted for ${purpose}, is in use.`,
      'End what listens there, or choose another port.',
      error,
    );
  }
}

/** The given port if nothing listens there, otherwise another free one. */
export async function preferredPort(port: number): Promise<number> {
  try {
    return await listen(port);
  } catch {
    return freePort();
  }
}

function listen(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: HOST, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}
