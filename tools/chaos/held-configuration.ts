import type { SimulatedSidecar } from '../bench/simulator/simulated-sidecar.ts';
import type { ControlPlane } from '../fixtures/control-plane.ts';

/** Versions by what a resource is; the same for two proxies that have the same configuration. */
export type HeldConfiguration = Readonly<Record<string, string>>;

/** Of certificates only that there are some: each time they are others. */
export function heldBySimulated(sidecar: SimulatedSidecar): HeldConfiguration {
  const held = [...sidecar.resources].flatMap(([typeUrl, resources]) =>
    [...resources.values()].map(({ name, version }) => [`${typeUrl} ${name}`, name.startsWith('identity_cert') ? '' : version]),
  );
  return Object.fromEntries(held.toSorted());
}

interface Dumped {
  readonly version_info?: string;
  readonly name?: string;
  readonly active_state?: { readonly version_info: string };
  readonly warming_state?: object;
  readonly error_state?: object;
  readonly cluster?: { readonly name: string };
  readonly route_config?: { readonly name: string };
  readonly endpoint_config?: { readonly cluster_name: string; readonly endpoints?: unknown };
}

/** What the Envoy of a real sidecar says that it runs, asked by way of whichever control plane. */
export async function heldByEnvoy({ apiUrl }: Pick<ControlPlane, 'apiUrl'>, proxy: string): Promise<HeldConfiguration> {
  const answer = await fetch(`${apiUrl}/meshes/default/dataplanes/${proxy}/xds?include_eds`);
  if (!answer.ok) throw new Error(`${proxy}: ${answer.status} ${await answer.text()}`);
  const { configs } = (await answer.json()) as { configs: readonly Readonly<Record<string, readonly Dumped[]>>[] };
  const of = (section: string) => configs.flatMap((config) => config[section] ?? []);
  const held: [string, string][] = [
    ...of('dynamic_active_clusters').map((each): [string, string] => [`cluster ${each.cluster?.name}`, each.version_info ?? '']),
    ...of('dynamic_warming_clusters').map((each): [string, string] => [`warming ${each.cluster?.name}`, '']),
    ...of('dynamic_listeners').map((each): [string, string] => [`listener ${each.name}`, listenerState(each)]),
    ...of('dynamic_route_configs').map((each): [string, string] => [`route ${each.route_config?.name}`, each.version_info ?? '']),
    ...of('dynamic_endpoint_configs').map(({ endpoint_config: endpoints }): [string, string] => [
      `endpoints ${endpoints?.cluster_name}`,
      addressesOf(endpoints?.endpoints),
    ]),
  ];
  return Object.fromEntries(held.toSorted());
}

function listenerState({ active_state: active, warming_state: warming, error_state: error }: Dumped): string {
  return [active?.version_info ?? 'not active', ...(warming ? ['warming'] : []), ...(error ? ['refused'] : [])].join(', ');
}

/** Where the endpoints are; what Envoy observes of them changes by itself. */
function addressesOf(endpoints: unknown): string {
  const found = [...JSON.stringify(endpoints ?? []).matchAll(/"address":"([^"]+)","port_value":(\d+)/g)];
  return found
    .map(([, address, port]) => `${address}:${port}`)
    .toSorted()
    .join(' ');
}
