import { ClusterLoadAssignment } from '@kuma-mesh/envoy-api/generated/envoy/config/endpoint/v3/endpoint.ts';
import { expect, test } from 'vitest';
import { encodeEndpoints } from './endpoints.ts';

test.each([
  [50, 200],
  [100, 100],
  [0.000_000_1, 4_294_967_295],
])('when %f percent are too few, those that are healthy count %i percent', (failoverPercentage, factor) => {
  const { bytes } = encodeEndpoints({ name: 'backend', localities: [], failoverPercentage });
  expect(ClusterLoadAssignment.decode(bytes).policy?.overprovisioningFactor).toBe(factor);
});
