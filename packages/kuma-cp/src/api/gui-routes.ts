import type { FastifyInstance } from 'fastify';
import { addPath } from './routes.ts';

const page = `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>Kuma</title></head>
  <body>
    <h1>Kuma</h1>
    <p>The control plane is running. Its HTTP API begins at <a href="/">/</a>; <code>kumactl</code> is the way to look around.</p>
  </body>
</html>
`;

/** The web interface; for now a page that says where to go. */
export function addGuiRoutes(app: FastifyInstance): void {
  const traits = { public: true, anyType: true };
  addPath(
    app,
    '/gui',
    {
      GET: ({ url }, reply) => {
        const path = url.split('?', 1)[0]!;
        if (!path.endsWith('/')) return reply.redirect(url.replace(path, `${path}/`), 307);
        reply.type('text/html; charset=utf-8');
        return page;
      },
    },
    traits,
  );
}
