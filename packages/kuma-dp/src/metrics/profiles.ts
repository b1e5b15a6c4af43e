import type { MeshMetric_Selector, MeshMetric_Sidecar } from '@kuma-mesh/core-model/generated/types/kuma/mesh_metric.ts';
import { readLabels, unescapeLabel } from './label-text.ts';
import type { MetricFamily } from './metric-family.ts';

/** Which of Envoy's metrics are published. */
export interface Selection {
  family(name: string): boolean;
  /** Leaves samples out that are about the mesh's own machinery. */
  samples(family: MetricFamily): MetricFamily;
}

/** What `sidecar` of a MeshMetric selects. The widest profile counts; `include` wins over `exclude`, and that over the profile. */
export async function selection({ profiles }: MeshMetric_Sidecar = {}): Promise<Selection> {
  const named = (profiles?.appendProfiles ?? []).map(({ name }) => name);
  const profile = widestFirst.find((name) => named.includes(name)) ?? 'Basic';
  const excluded = await matchers(profiles?.exclude);
  const included = await matchers(profiles?.include);
  return {
    family: (name) =>
      included.some((matches) => matches(name)) || (inProfile[profile](name) && !excluded.some((matches) => matches(name))),
    samples: profile === 'Basic' ? withoutMachinery : (family) => family,
  };
}

const widestFirst = ['All', 'Basic', 'None'] as const;

/** Parts of the names of what Kuma's dashboards show, and of the golden signals. */
const basicParts = [
  // Traffic and how long it takes.
  ...['_rq', 'rq_time', 'bytes', 'cx_count', 'cx_total', 'cx_active', 'cx_connect', 'cx_destroy', 'cx_length_ms'],
  // What goes wrong.
  ...['error', 'fail', 'timeout', 'reset', 'cancelled', 'reject', 'denied', 'rbac', 'max_duration_reached'],
  ...['no_cluster', 'no_route', 'no_filter_chain'],
  // How full and how well destinations are.
  ...['overflow', 'circuit_breakers', 'eject', 'health_check', 'lb_healthy_panic'],
  // Certificates.
  ...['ssl_handshake', 'ssl_context_update_by_sds', 'days_until_first_cert_expiring'],
];
const basicBeginnings = ['envoy_server', 'envoy_control_plane', 'envoy_dns_filter', 'envoy_dns_cares', 'kuma_dp_dns'];
const basicNames = new Set([
  'envoy_cluster_membership_degraded',
  'envoy_cluster_membership_healthy',
  'envoy_cluster_membership_total',
]);

const inProfile: Readonly<Record<(typeof widestFirst)[number], (name: string) => boolean>> = {
  All: () => true,
  Basic: (name) =>
    basicNames.has(name) ||
    basicBeginnings.some((beginning) => name.startsWith(beginning)) ||
    basicParts.some((part) => name.includes(part)),
  None: () => false,
};

type Matcher = (name: string) => boolean;

function matchers(selectors: readonly MeshMetric_Selector[] = []): Promise<readonly Matcher[]> {
  return Promise.all(selectors.map(matcher));
}

async function matcher({ type, match = '' }: MeshMetric_Selector): Promise<Matcher> {
  switch (type) {
    case 'Prefix':
      return (name) => name.startsWith(match);
    case 'Exact':
      return (name) => name === match;
    case 'Contains':
      return (name) => name.includes(match);
    case 'Regex':
      return expression(match);
    default:
      return () => false;
  }
}

/** What reads expressions is large, and loaded where there is one. They are checked when they are written. */
async function expression(text: string): Promise<Matcher> {
  const { RE2JS } = await import('re2js');
  try {
    const compiled = RE2JS.compile(text);
    return (name) => compiled.test(name);
  } catch {
    return () => false;
  }
}

/** Labels that name a cluster or a listener of Envoy. */
const entities = new Set(['envoy_cluster_name', 'envoy_http_conn_manager_prefix', 'envoy_listener_address', 'envoy_tcp_prefix']);
const machinery = /^(ads_cluster|access_log_sink|_?kuma_.*|system_.*|admin)$/;

function withoutMachinery(family: MetricFamily): MetricFamily {
  const samples = family.samples.filter(
    ({ labels }) => !readLabels(labels).some(([name, value]) => entities.has(name) && machinery.test(unescapeLabel(value))),
  );
  return { ...family, samples };
}
