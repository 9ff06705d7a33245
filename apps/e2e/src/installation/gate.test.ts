import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Gate } from './gate.js';

let server: Server;
let gate: Gate;
const open: Socket[] = [];

beforeEach(async () => {
  // Says everything back.
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  gate = await Gate.to(typeof address === 'object' && address !== null ? address.port : 0);
});
afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy();
  await gate.close();
  server.close();
});

async function client(): Promise<Socket> {
  const socket = connect(gate.port, '127.0.0.1');
  socket.on('error', () => undefined);
  open.push(socket);
  await once(socket, 'connect');
  return socket;
}

async function received(socket: Socket, length: number): Promise<{ text: string; pieces: number }> {
  let [text, pieces] = ['', 0];
  while (text.length < length) {
    text += String((await once(socket, 'data'))[0]);
    pieces += 1;
  }
  return { text, pieces };
}

/** However it comes about. */
const closed = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()));

test('a whole way carries everything; with latency it comes later, both ways', async () => {
  const socket = await client();
  socket.write('one');
  expect((await received(socket, 3)).text).toBe('one');
  gate.poison({ latencyMs: 60, jitterMs: 10 }, () => 0.5);
  const began = performance.now();
  socket.write('two');
  expect((await received(socket, 3)).text).toBe('two');
  expect(performance.now() - began).toBeGreaterThanOrEqual(115);
});

test.each(['up', 'down', 'both'] as const)(
  'what goes into a way that is silent (%s) arrives when it is whole again',
  async (silent) => {
    const socket = await client();
    socket.write('a');
    await received(socket, 1);
    gate.poison({ silent });
    let arrived = false;
    socket.once('data', () => (arrived = true));
    socket.write('b');
    // A connection beside it shows that time enough has passed for an answer.
    const beside = connect({ port: Number((server.address() as { port: number }).port), host: '127.0.0.1' });
    open.push(beside);
    beside.write('c');
    await once(beside, 'data');
    expect(arrived).toBe(false);
    gate.poison({});
    expect((await received(socket, 1)).text).toBe('b');
  },
);

test('pieces are as small as asked for, and the rate is kept', async () => {
  const socket = await client();
  gate.poison({ sliceBytes: 10, bytesPerSecond: 1000 });
  const began = performance.now();
  socket.write('x'.repeat(100));
  expect((await received(socket, 100)).text).toBe('x'.repeat(100));
  expect(performance.now() - began).toBeGreaterThanOrEqual(95);
});

test('a connection is reset after so many bytes, or a moment after it carried something', async () => {
  const first = await client();
  gate.poison({ limitBytes: 50 });
  first.write('x'.repeat(60));
  await closed(first);
  const second = await client();
  gate.poison({ resetAfterMs: 20 });
  second.write('y');
  await closed(second);
  gate.poison({});
  const third = await client();
  third.write('z');
  expect((await received(third, 1)).text).toBe('z');
});
