import type { Origin, ProxyIr } from '@kuma-mesh/core-model/ir/index.ts';
import {
  type EncodedProxy,
  type EncodedResource,
  newInPatches,
  originsOfResource,
  typeUrls,
} from '@kuma-mesh/xds-encode/index.ts';
import type { Insights } from '../insights/insights.ts';
import type { Observation } from '../insights/observation.ts';
import type { DataplaneLifecycle, Membership } from '../lifecycle/dataplane-lifecycle.ts';
import type { ConnectedProxy } from '../pipeline/connected-proxy.ts';
import { materialOf } from '../pipeline/encoded-secrets.ts';
import type { SecretSource } from '../pipeline/material.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { type AdminAccess, statedInput } from '../pipeline/proxy-input.ts';
import type { ProxyKey } from '../pipeline/proxy-key.ts';
import { type ProxySession, type ProxySessions, SessionRefused } from '../stream/session.ts';

export interface SessionsOptions {
  readonly lifecycle: DataplaneLifecycle;
  readonly pipeline: Pipeline;
  readonly insights: Insights;
  readonly secrets: SecretSource;
  /** The control plane's own zone. */
  readonly zone: string;
  readonly adminAccess?: AdminAccess;
}

/** What streams know of the rest of the control plane: a proxy comes in, is configured, is watched, and leaves. */
export function createProxySessions(options: SessionsOptions): ProxySessions {
  const { lifecycle, pipeline, insights, zone, adminAccess } = options;
  return {
    async open(node) {
      const membership = await lifecycle.connect(node);
      try {
        const observation = await insights.connected(node);
        const proxy = pipeline.connect({ mesh: node.mesh, name: node.name }, statedInput(node, zone, adminAccess));
        return new Session({ ...options, membership, observation, proxy });
      } catch (error) {
        membership.end();
        throw error;
      }
    },
    async drain(request) {
      const outcome = await lifecycle.drain(request);
      if (!outcome.ok && outcome.code === 'forbidden') throw new SessionRefused(outcome.reason);
      return outcome.ok;
    },
  };
}

interface SessionParts extends SessionsOptions {
  readonly membership: Membership;
  readonly observation: Observation;
  readonly proxy: ConnectedProxy;
}

class Session implements ProxySession {
  readonly #parts: SessionParts;
  readonly #key: ProxyKey;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#key = parts.proxy.key;
  }

  get config(): EncodedProxy | undefined {
    return this.#parts.proxy.config;
  }

  onConfig(listener: () => void): void {
    const { proxy, observation } = this.#parts;
    proxy.onConfig(() => {
      if (proxy.config !== undefined) observation.configured(proxy.config, this.#shapers());
      listener();
    });
  }

  sent(typeUrl: string, unknownBefore: readonly string[]): void {
    const { observation, pipeline, proxy } = this.#parts;
    observation.sent(typeUrl);
    if (typeUrl === typeUrls.route && unknownBefore.length > 0) pipeline.replacesUnknownRoutes(proxy, unknownBefore);
  }

  acknowledged(typeUrl: string, resources: readonly EncodedResource[]): void {
    const { observation, secrets, insights } = this.#parts;
    observation.acknowledged(typeUrl, resources);
    if (typeUrl !== typeUrls.secret) return;
    for (const resource of resources) {
      const material = materialOf(resource);
      if (material === undefined) continue;
      if (material.kind === 'identity') observation.certificate(material, insights.backendsOf(this.#key.mesh));
      secrets.acknowledged(this.#key, material);
    }
  }

  rejected(
    typeUrl: string,
    resources: readonly EncodedResource[],
    message: string,
    harmless: (name: string) => EncodedResource | undefined,
  ): void {
    const shapersOf = this.#shapers();
    this.#parts.observation.rejected(typeUrl, resources, message, (resource) => {
      const before = harmless(resource.name);
      return (before && newInPatches(resource, before)) ?? shapersOf(resource);
    });
  }

  /** Policies that shaped resources of the proxy; what they want of it is made anew for the first question only. */
  #shapers(): (resource: EncodedResource) => readonly Origin[] {
    const { pipeline, proxy } = this.#parts;
    let explained: ProxyIr | undefined;
    return (resource) => {
      explained ??= pipeline.explained(proxy);
      return explained ? originsOfResource(resource, explained) : [];
    };
  }

  close(): void {
    const { pipeline, proxy, observation, membership } = this.#parts;
    pipeline.disconnect(proxy);
    observation.closed();
    membership.end();
  }
}
