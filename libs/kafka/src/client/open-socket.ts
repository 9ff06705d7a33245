import type { ISocketFactory } from 'kafkajs';
import { connect, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';

const KEEP_ALIVE_MS = 60_000;

/**
 * As kafkajs opens sockets, but without Nagle's algorithm: the last piece of a request that spans several segments would wait for
 * an acknowledgement that the broker's side delays by up to 40 ms.
 */
export const openSocket: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  // Whatever its type says, it is false or undefined for a connection in the clear.
  const secured = Boolean(ssl);
  const socket = secured
    ? // RFC 6066 allows a name only, no address.
      connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...ssl }, onConnect)
    : connect({ host, port }, onConnect);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  socket.setNoDelay(true);
  return socket;
};
