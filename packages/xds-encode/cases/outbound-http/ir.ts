import type { ProxyIr } from '@kuma-mesh/core-model/ir/index.ts';

const timeout = { kri: 'kri_mt_default_default__mesh-timeout-all-default_', ruleIndex: 0 };
const retry = { kri: 'kri_mr_default_default__mesh-retry-all-default_', ruleIndex: 0 };
const breaker = { kri: 'kri_mcb_default_default__mesh-circuit-breaker-all-default_', ruleIndex: 0 };

export const ir: ProxyIr = {
  mesh: 'default',
  name: 'web-1',
  listeners: [
    {
      kind: 'outbound',
      name: 'outbound:127.0.0.1:20080',
      address: { address: '127.0.0.1', port: 20080 },
      tags: { 'kuma.io/service': 'backend' },
      handler: {
        kind: 'http',
        protocol: 'http',
        statPrefix: 'backend',
        routeConfig: 'outbound:backend',
        forwardClientCertificate: false,
        timeouts: { idle: 3_600_000 },
        filters: [],
      },
    },
  ],
  routes: [
    {
      name: 'outbound:backend',
      host: 'backend',
      direction: 'outbound',
      domains: ['*'],
      routes: [
        {
          name: 'default',
          match: { path: { kind: 'prefix', value: '/' }, headers: [], queryParams: [] },
          action: {
            kind: 'forward',
            clusters: [
              { cluster: 'backend-1f3a5c7e9b2d4f60', weight: 90 },
              { cluster: 'backend-60f4d2b9e7c5a3f1', weight: 10 },
              { cluster: 'backend', weight: 0 },
            ],
            timeouts: { request: 15_000, streamIdle: 1_800_000 },
            retry: {
              retries: 5,
              perTryTimeout: 16_000,
              backOff: { base: 25, max: 250 },
              rateLimitedBackOff: {
                headers: [
                  { name: 'retry-after', format: 'seconds' },
                  { name: 'x-rate-limit-reset', format: 'unix-timestamp' },
                ],
                max: 300_000,
              },
              on: ['gateway-error', 'connect-failure', 'refused-stream'],
              statusCodes: [429],
              methods: ['GET'],
              responseHeaders: [{ kind: 'exact', name: 'x-retry', value: 'yes' }],
              requestHeaders: [{ kind: 'present', name: 'x-idempotent' }],
              hostSelection: [
                { kind: 'omit-previous-hosts' },
                { kind: 'omit-hosts-with-tags', tags: { version: 'v2', region: 'eu' } },
                { kind: 'omit-previous-priorities', updateFrequency: 2 },
              ],
              hostSelectionMaxAttempts: 3,
            },
            mirrors: [{ cluster: 'backend', percentage: 0.5 }],
          },
          requestHeaders: { set: [], add: [], remove: [] },
          responseHeaders: { set: [], add: [], remove: [] },
        },
      ],
      stripRequestHeaders: [],
      setRequestHeaders: [{ name: 'x-kuma-tags', value: '&kuma.io/service=web&' }],
    },
  ],
  clusters: [
    {
      name: 'backend',
      role: 'destination',
      discovery: { kind: 'endpoints', name: 'backend' },
      protocol: 'http',
      timeouts: { connect: 5_000, idle: 3_600_000, maxStreamDuration: 60_000 },
      tls: {
        identitySecret: 'identity_cert:secret:default',
        caSecret: 'mesh_ca:secret:default',
        sni: 'backend{mesh=default}',
        spiffeIds: ['spiffe://default/backend'],
        alpn: ['kuma'],
      },
      limits: { connections: 1024, pendingRequests: 1024, requests: 1024, retries: 3 },
      outlierDetection: {
        interval: 5_000,
        baseEjectionTime: 30_000,
        maxEjectionPercent: 20,
        splitExternalAndLocalErrors: true,
        totalFailures: 10,
        gatewayFailures: 5,
        localOriginFailures: 7,
        successRate: { minimumHosts: 5, requestVolume: 10, standardDeviationFactor: 1.9 },
        failurePercentage: { minimumHosts: 5, requestVolume: 10, threshold: 85 },
      },
      panicThreshold: 20,
    },
    {
      name: 'backend-1f3a5c7e9b2d4f60',
      role: 'destination',
      discovery: { kind: 'endpoints', name: 'backend-1f3a5c7e9b2d4f60' },
      protocol: 'http',
      timeouts: { connect: 0 },
      tls: {
        identitySecret: 'identity_cert:secret:default',
        caSecret: 'mesh_ca:secret:default',
        sni: 'backend{mesh=default,version=v1}',
        spiffeIds: [],
        alpn: ['kuma'],
      },
      outlierDetection: {},
    },
    {
      name: 'backend-60f4d2b9e7c5a3f1',
      role: 'destination',
      discovery: { kind: 'endpoints', name: 'backend-of-v2' },
      protocol: 'http',
      timeouts: {},
    },
  ],
  endpoints: [
    {
      name: 'backend',
      localities: [
        {
          zone: 'east',
          priority: 0,
          endpoints: [
            {
              address: '127.0.0.2',
              port: 10080,
              tags: { version: 'v1', 'kuma.io/protocol': 'http', 'kuma.io/zone': 'east' },
              labels: { team: 'core', app: 'backend' },
            },
            { address: '::1', port: 10080, tags: { version: 'v2' }, labels: {}, weight: 3 },
            { address: '127.0.0.9', port: 10080, tags: {}, labels: {}, weight: 0 },
          ],
        },
        { zone: '', priority: 1, endpoints: [{ address: '127.0.0.4', port: 10080, tags: {}, labels: {} }] },
      ],
    },
    {
      name: 'backend-1f3a5c7e9b2d4f60',
      localities: [
        { zone: 'east', priority: 0, endpoints: [{ address: '127.0.0.2', port: 10080, tags: { version: 'v1' }, labels: {} }] },
      ],
    },
    { name: 'backend-of-v2', localities: [] },
  ],
  secrets: [],
  origins: [
    { piece: 'cluster', name: 'backend', origins: [timeout, breaker] },
    { piece: 'routes', name: 'outbound:backend', origins: [timeout, retry] },
  ],
};
