/** What a data plane and a control plane say to each other: ADS, as deltas and as state of the world. */
export { Node } from './generated/envoy/config/core/v3/base.ts';
export {
  type AggregatedDiscoveryServiceServer,
  AggregatedDiscoveryServiceService,
} from './generated/envoy/service/discovery/v3/ads.ts';
export {
  DeltaDiscoveryRequest,
  DeltaDiscoveryResponse,
  DiscoveryRequest,
  DiscoveryResponse,
  Resource as DiscoveryResource,
} from './generated/envoy/service/discovery/v3/discovery.ts';
export { Any } from './generated/google/protobuf/any.ts';
export { Status } from './generated/google/rpc/status.ts';
