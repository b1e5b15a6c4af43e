/**
 * The demo's web front: calls the backend through its sidecar and answers with what it got.
 *
 *   node web.ts PORT BACKEND_PORT
 */
import { createServer } from 'node:http';

const [port, backendPort] = process.argv.slice(2) as [string, string];

createServer(async (_request, response) => {
  response.setHeader('content-type', 'application/json');
  try {
    const answer = await fetch(`http://127.0.0.1:${backendPort}/`);
    const text = await answer.text();
    response.end(JSON.stringify({ status: answer.status, body: answer.ok ? JSON.parse(text) : text }));
  } catch (error) {
    response.end(JSON.stringify({ status: 0, body: String((error as Error).cause ?? error) }));
  }
}).listen(Number(port), '127.0.0.1', () => console.log('listening'));
