import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { run } from './program.js';
import type { Terminal } from './terminal.js';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

/** Answers a request of the CLI; `undefined` is 404. */
export type Answers = (asked: Asked) => unknown;

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly asked: readonly Asked[];
  /** Requests that ask for something to be done. */
  readonly done: readonly Asked[];
}

/** Runs one command line against an admin API that answers like this. */
export async function runAgainst(
  answers: Answers,
  args: readonly string[],
  o: { interrupt?: AbortSignal } = {},
): Promise<Ran> {
  const requests: Asked[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://admin-api.example');
      const asked = { method: request.method ?? '', path: pathname, query: searchParams, body };
      requests.push(asked);
      const answer = asked.method === 'POST' ? (answers(asked) ?? { id: 'c-1', action: 'any' }) : answers(asked);
      const status = answer === undefined ? 404 : asked.method === 'POST' ? 202 : 200;
      const shown = answer ?? {
        type: 'about:blank',
        title: 'Not found',
        status: 404,
        detail: `There is no ${pathname}.`,
      };
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(shown));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const output = { out: '', err: '' };
  const terminal: Terminal = {
    out: (text) => void (output.out += text),
    err: (text) => void (output.err += text),
    env: {
      PROVISOR_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      PROVISOR_TOKEN: 'a-token-of-sixteen-characters',
    },
    interactive: false,
    cwd: '/',
    readInput: async () => '',
    interrupted: o.interrupt ?? new AbortController().signal,
  };
  try {
    return {
      code: await run(args, terminal),
      ...output,
      asked: requests,
      done: requests.filter(({ method }) => method === 'POST'),
    };
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString());
}
