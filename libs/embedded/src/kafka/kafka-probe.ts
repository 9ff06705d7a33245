import { connect } from 'node:net';

const FIND_COORDINATOR = 10;

/**
 * Whether a broker answers and can serve consumer groups: asks for the coordinator of a group (FindCoordinator, version 0), which
 * also makes a new broker create its offsets topic before anybody waits for it.
 */
export async function kafkaAnswers(port: number, timeoutMs = 2000): Promise<boolean> {
  const group = Buffer.from('provisor-readiness');
  const body = Buffer.alloc(2 + 2 + 4 + 2 + 2 + group.length);
  body.writeInt16BE(FIND_COORDINATOR, 0);
  body.writeInt16BE(0, 2);
  body.writeInt32BE(1, 4);
  body.writeInt16BE(-1, 8);
  body.writeInt16BE(group.length, 10);
  group.copy(body, 12);
  const reply = await exchange(port, body, timeoutMs);
  // correlation id (4 bytes), then the error code
  return reply !== undefined && reply.length >= 6 && reply.readInt16BE(4) === 0;
}

function exchange(port: number, body: Buffer, timeoutMs: number): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let received = Buffer.alloc(0);
    const done = (reply?: Buffer): void => {
      socket.destroy();
      resolve(reply);
    };
    socket.setTimeout(timeoutMs, () => done());
    socket.once('error', () => done());
    socket.once('close', () => done());
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) done(received.subarray(4));
    });
    const size = Buffer.alloc(4);
    size.writeInt32BE(body.length);
    socket.write(Buffer.concat([size, body]));
  });
}
