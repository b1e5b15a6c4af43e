import type { Dataplane } from '../generated/types/kuma/dataplane.ts';
import type { BackendResourceRef } from '../generated/types/kuma/target_ref.ts';
import type {
  ClusterIr,
  HttpFilterIr,
  HttpHandlerIr,
  MutualTlsIr,
  Origin,
  PassthroughListenerIr,
  Protocol,
  ProxyIr,
  ProxyNames,
  RouteConfigIr,
  RouteIr,
  TcpHandlerIr,
} from '../ir/index.ts';
import type { Memo } from '../memo/memo.ts';
import type { Path } from '../resources/field-path.ts';
import type { Resource } from '../resources/resource.ts';
import type { Destination } from '../rules/destination.ts';
import type { Effective } from '../rules/effective.ts';
import type { MergeStrategy } from '../rules/merge.ts';
import type { InboundRules } from '../rules/proxy-rules.ts';
import type { MutualTls } from '../snapshot/mutual-tls.ts';
import type { PolicyResource } from '../target-ref/policy-spec.ts';
import type { OtelTarget, Signal } from './otel-collector.ts';

/**
 * The effect of one kind of policy: hooks from a piece of a proxy's configuration, and the rules for it, to a new piece.
 *
 * A hook must be a function of its arguments alone; it is told what policies say and not which ones, where it need not
 * know. Pieces that have equal inputs are made once for all proxies of a mesh, which is why a hook sees the piece and not
 * the proxy. Only `proxy` sees everything, and is made for each proxy apart; use it for what cannot be said of a piece.
 */
export interface Policy<Conf = never, InboundConf = Conf> {
  /** Kind of the resource. */
  readonly kind: string;
  /** For configuration with lists that are not replaced whole. */
  readonly merge?: MergeStrategy;
  /** Incoming traffic; called for every inbound, also without any policy, as the absence of one may mean something. */
  readonly inbound?: InboundHooks<InboundConf>;
  /** Outgoing traffic; called where a policy says something of the destination. */
  readonly outbound?: OutboundHooks<Conf>;
  /**
   * What it says of all clients in the whole mesh holds for outgoing traffic, too, through the hooks of `outbound`: both
   * sides of a connection must agree. For kinds without `to`.
   */
  readonly bothSides?: true;
  /** Values that policies may state each for itself, and that cannot hold together once they are merged. */
  readonly contradictions?: (conf: Conf) => readonly Contradiction[];
  /** Values that others beside them, or their absence, or what they are said of, keep from being of any use. */
  readonly useless?: (conf: Conf | InboundConf, saidOf: SaidOf) => readonly Useless[];
  /** Values that have a price which whoever writes them may not expect. */
  readonly costly?: (conf: Conf | InboundConf) => readonly Costly[];
  /** The proxy as a whole, last of all; called where a policy with a top-level `default` selects the proxy. */
  readonly proxy?: (proxy: ProxyIr, rule: Effective<Conf>, about: ProxyView) => ProxyIr;
}

/** Two values of a merged configuration, by their paths. */
export interface Contradiction {
  /** The one that stays. */
  readonly counts: readonly string[];
  /** The one that is taken to be the same. */
  readonly yields: readonly string[];
}

/** What a policy states a configuration for, where that is less than all traffic: it is added to what is said of all. */
export interface SaidOf {
  /** Clients that match a condition. */
  readonly someClients: boolean;
  /** A MeshHTTPRoute. */
  readonly route: boolean;
}

/** A value of a configuration, by its path, and why it is of no use. */
export interface Useless {
  readonly path: Path;
  readonly why: string;
  /** What is missing beside it may be said by a policy that it is merged with. */
  readonly lacks?: true;
}

/** A value of a configuration, by its path, and what it costs. */
export interface Costly {
  readonly path: Path;
  readonly price: string;
}

export interface InboundHooks<Conf> {
  readonly cluster?: (cluster: ClusterIr, rules: InboundRules<Conf>, about: InboundView) => ClusterIr;
  readonly http?: (handler: HttpHandlerIr, rules: InboundRules<Conf>, about: InboundView) => HttpHandlerIr;
  /** Filters that are there whatever the rules say, for rules that stand elsewhere: a change of rules leaves the listener alone. */
  readonly httpFilters?: (about: InboundView) => readonly HttpFilterIr[];
  readonly tcp?: (handler: TcpHandlerIr, rules: InboundRules<Conf>, about: InboundView) => TcpHandlerIr;
  readonly routes?: (routes: RouteConfigIr, rules: InboundRules<Conf>, about: InboundView) => RouteConfigIr;
  /** Called in meshes with mutual TLS. */
  readonly tls?: (tls: MutualTlsIr, rules: InboundRules<Conf>, about: InboundView) => MutualTlsIr;
}

export interface OutboundHooks<Conf> {
  /** Routes of requests to the destination, tried before the one that sends all of them there. undefined: has nothing to say. */
  readonly httpRoutes?: (rule: Effective<Conf>, about: DestinationView) => readonly RouteDraft[] | undefined;
  /** Where connections to the destination go, instead of there; nowhere when empty. undefined: has nothing to say. */
  readonly tcpBackends?: (rule: Effective<Conf>, about: DestinationView) => readonly BackendDraft[] | undefined;
  readonly cluster?: (cluster: ClusterIr, conf: Conf, about: DestinationView) => ClusterIr;
  readonly http?: (handler: HttpHandlerIr, conf: Conf, about: DestinationView) => HttpHandlerIr;
  readonly tcp?: (handler: TcpHandlerIr, conf: Conf, about: DestinationView) => TcpHandlerIr;
  /** Traffic to places that are no destination in the mesh; called where a policy says something of all traffic. */
  readonly outside?: (listener: PassthroughListenerIr, conf: Conf, about: MeshView) => PassthroughListenerIr;
  /** One route; the configuration takes into account items that are for this route. */
  readonly route?: (route: RouteIr, conf: Conf, about: RouteView) => RouteIr;
}

/** What the mesh says of all its traffic. */
export interface MeshView {
  readonly mesh: string;
  /** Mutual TLS between its proxies. */
  readonly tls: MutualTls;
}

/** The one proxy that is made, as its sidecar and the mesh describe it. */
export interface ProxyView extends MeshView {
  /** Of the mesh: what is made once with it stays one object for proxies alike, and from one change to the next. */
  readonly memo: Memo;
  readonly dataplane: Resource<Dataplane>;
  readonly zone: string;
  readonly names: ProxyNames;
  /** The sidecar's folder, for sockets between it and Envoy; empty where the sidecar has not said. */
  readonly workDir: string;
  /** Certificate and key that the sidecar has for its metrics. */
  readonly metricsFiles?: { readonly certificate: string; readonly key: string };
  /**
   * How a signal is sent to the collector that is meant; undefined where there is none.
   * @param all references of this signal, of the whole proxy
   */
  readonly otelTarget: (ref: BackendResourceRef, signal: Signal, all: readonly BackendResourceRef[]) => OtelTarget | undefined;
}

export interface InboundView extends MeshView {
  readonly service: string;
  readonly protocol: Protocol;
}

export interface DestinationView extends MeshView {
  readonly destination: Destination;
  readonly protocol: Protocol;
}

export interface RouteView extends DestinationView {
  /** Whether something else is said of this route than of all the traffic to its destination. */
  readonly ofRoute: boolean;
}

/** A route before its destinations have clusters. */
export type RouteDraft = Omit<RouteIr, 'action'> & {
  readonly action: Exclude<RouteIr['action'], { kind: 'forward' }> | ForwardDraft;
  /** Policies that it was made of; others may be attached to these. */
  readonly policies: readonly PolicyResource[];
  readonly origins: readonly Origin[];
};

export interface ForwardDraft {
  readonly kind: 'forward';
  readonly backends: readonly BackendDraft[];
  readonly mirrors: readonly { readonly destination: Destination; readonly percentage: number }[];
  readonly rewrite?: Extract<RouteIr['action'], { kind: 'forward' }>['rewrite'];
}

export interface BackendDraft {
  readonly destination: Destination;
  readonly weight: number;
}
