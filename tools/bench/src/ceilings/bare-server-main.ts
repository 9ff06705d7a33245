import { createServer } from 'node:http';

/* A server that reads a request and answers it, and does nothing else: the other end of the HTTP ceiling. */
const answer = JSON.stringify({ ok: true });
const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  request.resume();
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length });
    response.end(answer);
  });
});
server.listen(Number(process.env['BENCH_PORT']), '127.0.0.1');
process.once('SIGTERM', () => process.exit(0));
