import { typeUrls } from '@kuma-mesh/xds-encode/encoded.ts';
import { describe, expect, test } from 'vitest';
import { envoy, startEnvoy } from './testing/real-envoy.ts';
import { cluster, endpoints, proxyOf, tcpListener } from './testing/resources.ts';
import { startTestServer } from './testing/test-server.ts';

describe.skipIf(envoy.missing).each(['DELTA_GRPC', 'GRPC'] as const)('a real Envoy over %s', (form) => {
  test('takes clusters, endpoints and listeners', async () => {
    await using server = await startTestServer();
    server.sessions.initial = proxyOf(cluster('backend'), endpoints('backend', 1), tcpListener('outbound', 0, 'backend'));
    await using real = await startEnvoy(server, { form });
    const session = await server.sessions.nth(0);
    await session.until(
      ({ kind, ...told }) => kind === 'acknowledged' && 'typeUrl' in told && told.typeUrl === typeUrls.listener,
    );
    expect(await real.admin('/listeners')).toContain('outbound');
  });
});
