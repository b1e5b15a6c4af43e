import { describe, expect, test } from 'vitest';
import { readProxyNode } from '../stream/proxy-node.ts';
import { MemorySessions } from '../stream/testing/memory-sessions.ts';
import { createDrainHandler } from './drain-handler.ts';

async function drain(body: unknown, method = 'POST') {
  const sessions = new MemorySessions();
  await sessions.open(readProxyNode({ id: 'default.web' }, 'the.token', async () => true));
  const request = { method, path: '/drain', authority: 'localhost', accept: '', body: Buffer.from(JSON.stringify(body)) };
  return createDrainHandler(sessions)(request);
}

describe('POST /drain', () => {
  test.each([
    [{ mesh: 'default', name: 'web', dataplaneToken: 'the.token' }, 204],
    [{ mesh: 'default', name: 'web', dataplaneToken: 'other' }, 403],
    [{ mesh: 'default', name: 'web' }, 403],
    [{ mesh: 'default', name: 'nobody', dataplaneToken: 'the.token' }, 404],
    [{ mesh: 'default' }, 400],
    [null, 400],
  ])('of %j is answered %d', async (body, status) => {
    expect((await drain(body)).status).toBe(status);
  });

  test('is the only method', async () => {
    expect((await drain({}, 'GET')).status).toBe(405);
  });
});
