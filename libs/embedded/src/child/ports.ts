import { createServer } from 'node:net';
import { EmbeddedProblem } from '../embedded-problem.js';

const HOST = '127.0.0.1';

/** A port of the loopback interface that nothing listens on at this moment. */
export async function freePort(): Promise<number> {
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
