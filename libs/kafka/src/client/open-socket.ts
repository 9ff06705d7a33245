import type { ISocketFactory } from 'kafkajs';
import { connect, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';

const KEEP_ALIVE_MS = 60_000;

/**
 * As kafkajs opens sockets, but without Nagle's algorithm: the last piece of a request that spans several segments would wait for
 * an acknowledgement that the broker's side delays by up to 40 ms.
 */
export const openSocket: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const socket =
    // A name only: RFC 6066 allows no address in SNI.
    ssl === undefined || ssl === null
      ? connect({ host, port }, onConnect)
      : connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...ssl }, onConnect);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  socket.setNoDelay(true);
  return socket;
};
