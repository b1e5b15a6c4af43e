/** Kinds of the time before targetRef, by name, with their path and the kind that does what they did. */
const replacedKinds: Readonly<Record<string, { readonly path: string; readonly by: string }>> = {
  CircuitBreaker: { path: 'circuit-breakers', by: 'MeshCircuitBreaker' },
  ExternalService: { path: 'external-services', by: 'MeshExternalService' },
  FaultInjection: { path: 'fault-injections', by: 'MeshFaultInjection' },
  HealthCheck: { path: 'health-checks', by: 'MeshHealthCheck' },
  MeshGateway: { path: 'meshgateways', by: 'a Dataplane with a delegated gateway' },
  MeshGatewayInstance: { path: 'meshgatewayinstances', by: 'a Dataplane with a delegated gateway' },
  MeshGatewayRoute: { path: 'meshgatewayroutes', by: 'MeshHTTPRoute or MeshTCPRoute' },
  ProxyTemplate: { path: 'proxytemplates', by: 'MeshProxyPatch' },
  RateLimit: { path: 'rate-limits', by: 'MeshRateLimit' },
  Retry: { path: 'retries', by: 'MeshRetry' },
  Timeout: { path: 'timeouts', by: 'MeshTimeout' },
  TrafficLog: { path: 'traffic-logs', by: 'MeshAccessLog' },
  TrafficPermission: { path: 'traffic-permissions', by: 'MeshTrafficPermission' },
  TrafficRoute: { path: 'traffic-routes', by: 'MeshHTTPRoute or MeshTCPRoute' },
  TrafficTrace: { path: 'traffic-traces', by: 'MeshTrace' },
  VirtualOutbound: { path: 'virtual-outbounds', by: 'HostnameGenerator' },
};

/**
 * What to use instead of a kind that is not taken any more.
 * @param word name or path of the kind, in any case, with hyphens or without
 * @returns a sentence, undefined for any other word
 */
export function replacedKind(word: string): string | undefined {
  const wanted = bare(word);
  const found = Object.entries(replacedKinds).find(([name, { path }]) => bare(name) === wanted || bare(path) === wanted);
  return found && `${found[0]} is not supported; use ${found[1].by}`;
}

function bare(word: string): string {
  return word.replaceAll('-', '').toLowerCase();
}
