/** HDS: the control plane asks a proxy to watch the health of its application. */
export { HealthStatus } from './generated/envoy/config/core/v3/health_check.ts';
export {
  EndpointHealthResponse,
  HealthCheckRequest,
  HealthCheckRequestOrEndpointHealthResponse,
  HealthCheckSpecifier,
  type HealthDiscoveryServiceServer,
  HealthDiscoveryServiceService,
} from './generated/envoy/service/health/v3/hds.ts';
