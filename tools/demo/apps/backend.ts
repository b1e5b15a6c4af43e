/**
 * The demo's backend: says who it is and who called. HTTP on one port, TCP on another.
 *
 *   node backend.ts VERSION HTTP_PORT TCP_PORT
 */
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';

const [version, httpPort, tcpPort] = process.argv.slice(2) as [string, string, string];

const http = createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ service: 'backend', version, caller: request.headers['x-forwarded-client-cert'] ?? null }));
});
// Longer than any Envoy keeps an idle connection: who closes first must not be us.
http.keepAliveTimeout = 0;

const tcp = createTcpServer((socket) => {
  socket.on('error', () => socket.destroy());
  socket.on('data', (data) => socket.write(`${version} heard ${data}`));
});

http.listen(Number(httpPort), '127.0.0.1', () => tcp.listen(Number(tcpPort), '127.0.0.1', () => console.log('listening')));
