import type { Filter } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener_components.ts';
import { Config } from '@kuma-mesh/envoy-api/generated/envoy/extensions/filters/network/direct_response/v3/config.ts';
import { extension } from '../envoy/pack.ts';

/** Closes a connection as soon as it is there, with no answer. */
export function closing(): Filter {
  return extension('envoy.filters.network.direct_response', Config, {});
}
