import { randomUUID } from 'node:crypto';
import type {
  DataplaneInsight,
  DataplaneInsight_Rejection as Rejection,
  DataplaneInsight_Subscription as Subscription,
} from '@kuma-mesh/core-model/generated/types/kuma/insights.ts';
import type { Origin } from '@kuma-mesh/core-model/ir/index.ts';
import { byIdentity } from '@kuma-mesh/core-model/memo/by-identity.ts';
import type { JsonValue } from '@kuma-mesh/core-model/resources/scalars.ts';
import { type EncodedProxy, type EncodedResource, typeUrls } from '@kuma-mesh/xds-encode/encoded.ts';
import type { IdentityMaterial } from '../pipeline/material.ts';
import { isOfHost, wordsAbout } from '../stream/culprits.ts';
import type { ProxyNode } from '../stream/session.ts';
import { disconnected, isConnected, withSubscription } from './dataplane-insight.ts';
import { ResponseCounts, type Verdict } from './response-counts.ts';

/** So many rejections of one proxy are kept: enough to see what is wrong, and bounded. */
const rejectionsKept = 50;

type EncodedResources = ReadonlyMap<string, EncodedResource>;

/** Whether only numbers of responses are others, which no total counts, or more; `trouble` is about what is not in force. */
export type ObservedChange = 'counts' | 'state' | 'trouble';

/** What one stream of a proxy shows, as it happens. */
export class Observation {
  readonly #changed: (what: ObservedChange) => void;
  readonly #subscription: string;
  readonly #counts = new ResponseCounts();
  /** Counts were reported since the insight was last collected; more of them are nothing to report. */
  #countsReported = false;
  readonly #rejected = new Map<string, { readonly version: string; readonly rejection: Rejection }>();
  #unapplied: readonly Rejection[] = [];
  #configured: EncodedProxy | undefined;
  #insight: DataplaneInsight;

  /** @param before what was known of the proxy from earlier streams */
  constructor(
    node: ProxyNode,
    before: DataplaneInsight | undefined,
    instanceId: string,
    changed: (what: ObservedChange) => void,
  ) {
    this.#changed = changed;
    this.#subscription = randomUUID();
    const last = before?.subscriptions?.at(-1);
    const now = new Date().toISOString();
    const subscription: Subscription = {
      id: this.#subscription,
      controlPlaneInstanceId: instanceId,
      connectTime: now,
      version: versionOf(node),
      generation: (last?.generation ?? 0) + 1,
    };
    const { mTLS } = before ?? {};
    const earlier = disconnected(
      { ...(before?.subscriptions && { subscriptions: before.subscriptions }), ...(mTLS && { mTLS }) },
      now,
    );
    this.#insight = { ...withSubscription(earlier, subscription), metadata: node.metadata as JsonValue };
  }

  get insight(): DataplaneInsight {
    const refused = [...this.#rejected.values()].map(({ rejection }) => rejection);
    const rejections = [...refused, ...this.#unapplied].slice(0, rejectionsKept);
    const subscriptions = this.#insight.subscriptions?.map((subscription) =>
      subscription.id === this.#subscription ? { ...subscription, status: this.#counts.status } : subscription,
    );
    return { ...this.#insight, ...(subscriptions && { subscriptions }), ...(rejections.length > 0 && { rejections }) };
  }

  /** The insight, to be written. What is counted from now on is reported again. */
  collect(): DataplaneInsight {
    this.#countsReported = false;
    return this.insight;
  }

  /** Whether the stream has not ended. */
  get open(): boolean {
    return isConnected(this.#insight);
  }

  /** Resources that the proxy refuses, or that could not be encoded for it. */
  get rejections(): number {
    return this.#rejected.size;
  }

  sent(typeUrl: string): void {
    this.#count(typeUrl, 'responsesSent');
  }

  acknowledged(typeUrl: string, resources: readonly EncodedResource[]): void {
    const before = this.#rejected.size;
    // One in the place of which the peer has been sent what it had before stays refused.
    for (const resource of before > 0 ? resources : []) {
      const key = rejectionKey(resource);
      if (this.#rejected.get(key)?.version === resource.version) this.#rejected.delete(key);
    }
    this.#count(typeUrl, 'responsesAcknowledged');
    if (this.#rejected.size < before) this.#changed('trouble');
  }

  /** @param originsOf policies that shaped a resource */
  rejected(
    typeUrl: string,
    resources: readonly EncodedResource[],
    message: string,
    originsOf: (resource: EncodedResource) => readonly Origin[],
  ): void {
    for (const resource of resources) {
      const { name, version } = resource;
      // Envoy's word may come when there is another version by now: what is no part of the configuration is over already.
      if (this.#configured && this.#configured.get(resource.typeUrl)?.get(name)?.version !== version) continue;
      const words = wordsAbout(message, resource, resources);
      // What a host is not ready for is hardly what a patch asked for.
      const without = isOfHost(words) ? resource.patched?.without : undefined;
      this.#hold(resource, words, [resource, ...(without ? [without] : [])].flatMap(originsOf));
    }
    this.#count(typeUrl, 'responsesRejected');
    // Whoever wrote what is refused may ask another control plane about it.
    if (resources.length > 0) this.#changed('trouble');
  }

  /**
   * The proxy has a new configuration: rejections of what is not part of it any more are over.
   * @param originsOf policies that shaped a resource
   */
  configured(config: EncodedProxy, originsOf: (resource: EncodedResource) => readonly Origin[]): void {
    const before = this.#configured;
    this.#configured = config;
    let changed = this.#unapplied.length > 0;
    const fresh: EncodedResource[] = [];
    for (const [type, resources] of config) {
      // Of most types a change is none.
      if (resources === before?.get(type)) continue;
      for (const resource of resources.values()) {
        if (resource.unencodable !== undefined) fresh.push(resource);
        changed ||= resource.patched !== undefined && resource.patched.unapplied.length > 0;
      }
    }
    if (changed) this.#unapplied = [...config.values()].flatMap(unappliedIn);
    for (const [key, { version, rejection }] of this.#rejected) {
      if (config.get(rejection.typeUrl ?? '')?.get(rejection.name ?? '')?.version !== version)
        changed = this.#rejected.delete(key);
    }
    // Nobody else will say that it is not in force.
    for (const resource of fresh) {
      if (this.#rejected.get(rejectionKey(resource))?.version === resource.version) continue;
      this.#hold(resource, `cannot be encoded: ${resource.unencodable}`, originsOf(resource));
      changed = true;
    }
    if (this.#insight.mTLS !== undefined && config.get(typeUrls.secret)?.size === 0) {
      this.#insight = { ...this.#insight, mTLS: undefined };
      changed = true;
    }
    if (changed) this.#changed('trouble');
  }

  /** The proxy runs with this certificate. */
  certificate({ issued, notAfter, backend }: IdentityMaterial, supportedBackends: readonly string[]): void {
    const { mTLS } = this.#insight;
    const time = issued.toISOString();
    if (mTLS?.lastCertificateRegeneration === time && mTLS.issuedBackend === backend) return;
    this.#insight = {
      ...this.#insight,
      mTLS: {
        certificateExpirationTime: notAfter.toISOString(),
        lastCertificateRegeneration: time,
        certificateRegenerations: (mTLS?.certificateRegenerations ?? 0) + 1,
        issuedBackend: backend,
        supportedBackends: [...supportedBackends],
      },
    };
    this.#changed('state');
  }

  closed(): void {
    this.#insight = disconnected(this.#insight, new Date().toISOString());
    this.#changed('state');
  }

  #hold(resource: EncodedResource, message: string, shapers: readonly Origin[]): void {
    const key = rejectionKey(resource);
    if (this.#rejected.size >= rejectionsKept && !this.#rejected.has(key)) return;
    const { typeUrl, name, version } = resource;
    const origins = [...new Set(shapers.map(({ kri }) => kri))];
    this.#rejected.set(key, { version, rejection: { typeUrl, name, message, time: new Date().toISOString(), origins } });
  }

  #count(typeUrl: string, verdict: Verdict): void {
    this.#counts.add(typeUrl, verdict);
    if (this.#countsReported) return;
    this.#countsReported = true;
    this.#changed('counts');
  }
}

/** A patch that could not be applied stands beside what Envoy itself refused: it is not in force either. */
const unappliedIn = byIdentity((resources: EncodedResources): readonly Rejection[] => {
  const time = new Date().toISOString();
  return [...resources.values()].flatMap(({ typeUrl, name, patched }) =>
    (patched?.unapplied ?? []).map(({ origin, index, reason }): Rejection => {
      const message = `appendModifications[${index}] could not be applied: ${reason}`;
      return { typeUrl, name, message, time, origins: [origin.kri] };
    }),
  );
});

function rejectionKey({ typeUrl, name }: EncodedResource): string {
  return `${typeUrl}/${name}`;
}

function versionOf({ version }: ProxyNode): NonNullable<Subscription['version']> {
  return {
    ...(version.kumaDp && { kumaDp: { ...version.kumaDp, kumaCpCompatible: true } }),
    ...(version.envoy && { envoy: version.envoy }),
  };
}
