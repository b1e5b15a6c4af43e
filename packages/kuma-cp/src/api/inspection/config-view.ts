import { buildProxy, type ProxyInput } from '@kuma-mesh/core-model/proxy/index.ts';
import type { MeshSnapshot } from '@kuma-mesh/core-model/snapshot/index.ts';
import { type EncodedProxy, encodeProxy, renewalsOf, resourceToJson, withRenewals } from '@kuma-mesh/xds-encode/index.ts';
import { unseenInput } from '../../pipeline/proxy-input.ts';
import type { InspectedProxy, Subject } from './inspected-meshes.ts';
import { jsonPatch } from './json-patch.ts';

export interface ConfigQuery {
  /** Count policies with the label `kuma.io/effect: shadow` in. */
  readonly shadow: boolean;
  /** Say how it differs from what the proxy has. */
  readonly diff: boolean;
}

/** A proxy's configuration as Envoy's JSON by type and name, secrets taken out. */
export function configView(subject: Subject, proxy: InspectedProxy | undefined, zone: string, query: ConfigQuery) {
  const input = { ...(proxy?.input ?? unseenInput(zone)), dataplane: subject.dataplane };
  const running = proxy?.config ?? made(subject.snapshot, input);
  const current = () => toJson(running);
  // Secrets, and when connections were last made anew, are no doing of policies in shadow: those are shown that are there.
  const inShadow = () => toJson(withRenewals(made(withShadows(subject.snapshot), input), renewalsOf(running)));
  const xds = query.shadow ? { ...secretsOf(current()), ...inShadow() } : current();
  return { xds, ...(query.diff && { diff: jsonPatch(current(), xds) }) };
}

function made(snapshot: MeshSnapshot, input: ProxyInput): EncodedProxy {
  return encodeProxy(buildProxy(snapshot, input));
}

/** The mesh as it would be if the shadow policies were in effect. */
function withShadows(snapshot: MeshSnapshot): MeshSnapshot {
  const policies = [...snapshot.policies].map(([kind, all]) => {
    const inEffect = all.map((policy) => {
      const { 'kuma.io/effect': effect, ...labels } = policy.labels;
      return effect === 'shadow' ? { ...policy, labels } : policy;
    });
    return [kind, inEffect] as const;
  });
  return { ...snapshot, policies: new Map(policies) };
}

type XdsJson = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

function toJson(config: EncodedProxy): XdsJson {
  return Object.fromEntries(
    [...config]
      .filter(([, resources]) => resources.size > 0)
      .map(([typeUrl, resources]) => [
        typeUrl,
        Object.fromEntries(
          [...resources]
            .filter(([, { unencodable }]) => unencodable === undefined)
            .map(([name, resource]) => [name, resourceToJson(resource)]),
        ),
      ]),
  );
}

function secretsOf(xds: XdsJson): XdsJson {
  return Object.fromEntries(Object.entries(xds).filter(([typeUrl]) => typeUrl.endsWith('.Secret')));
}
