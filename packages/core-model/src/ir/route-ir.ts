import type { AccessLogIr } from './access-log-ir.ts';
import type { ClientFaultsIr } from './fault-ir.ts';
import type { HashPolicyIr } from './load-balancing-ir.ts';
import type { PermissionIr, SpiffeIdIr } from './permission-ir.ts';
import type { RequestLimitIr } from './rate-limit-ir.ts';

/** The routes behind one HTTP listener. Delivered apart from it, so that a change leaves open connections alone and still rules them. */
export interface RouteConfigIr {
  readonly name: string;
  /** Name of what holds the routes, in Envoy's words the virtual host. */
  readonly host: string;
  readonly direction: 'inbound' | 'outbound';
  /** Host names; `*` for all. */
  readonly domains: readonly string[];
  /** Most specific first; the order is the order of evaluation. */
  readonly routes: readonly RouteIr[];
  readonly stripRequestHeaders: readonly string[];
  /** In place of what the application says. */
  readonly setRequestHeaders: readonly HeaderIr[];
  readonly permission?: PermissionIr;
  readonly faults?: readonly ClientFaultsIr[];
  readonly requestLimit?: RequestLimitIr;
}

export interface RouteIr {
  /** Stable name: a KRI, or the hash of the match. */
  readonly name: string;
  readonly match: RouteMatchIr;
  readonly action: RouteActionIr;
  readonly requestHeaders: HeaderChangesIr;
  readonly responseHeaders: HeaderChangesIr;
  /** In place of the listener's, where something is said of this route alone. */
  readonly accessLogs?: readonly AccessLogIr[];
  /** In place of that of all routes, and counted apart. */
  readonly requestLimit?: { readonly kind: 'limit'; readonly limit: RequestLimitIr } | { readonly kind: 'none' };
}

export interface RouteMatchIr {
  readonly path: { readonly kind: 'exact' | 'prefix' | 'regex'; readonly value: string };
  readonly method?: string;
  readonly headers: readonly HeaderMatchIr[];
  readonly queryParams: readonly { readonly name: string; readonly kind: 'exact' | 'regex'; readonly value: string }[];
  /** Only requests of these clients, by their certificate; for inbounds that see one. */
  readonly client?: SpiffeIdIr;
}

export type HeaderMatchIr =
  | { readonly kind: 'exact' | 'prefix' | 'regex'; readonly name: string; readonly value: string }
  | { readonly kind: 'present' | 'absent'; readonly name: string };

export interface HeaderIr {
  readonly name: string;
  readonly value: string;
  /** The value is a format of Envoy's command operators. */
  readonly format?: true;
}

export interface HeaderChangesIr {
  readonly set: readonly HeaderIr[];
  readonly add: readonly HeaderIr[];
  readonly remove: readonly string[];
}

export type RouteActionIr = ForwardIr | RedirectIr;

export interface ForwardIr {
  readonly kind: 'forward';
  readonly clusters: readonly WeightedClusterIr[];
  /** Milliseconds; absent leaves Envoy's default, 0 switches it off. */
  readonly timeouts: { readonly request?: number; readonly streamIdle?: number };
  readonly retry?: RetryIr;
  readonly rewrite?: RewriteIr;
  readonly hashPolicies?: readonly HashPolicyIr[];
  readonly mirrors: readonly { readonly cluster: string /** 0 to 100 */; readonly percentage: number }[];
}

export interface RedirectIr {
  readonly kind: 'redirect';
  readonly scheme?: 'http' | 'https';
  readonly host?: string;
  readonly port?: number;
  readonly path?: PathRewriteIr;
  readonly status: 301 | 302 | 303 | 307 | 308;
}

export interface RewriteIr {
  readonly host?: string;
  readonly path?: PathRewriteIr;
}

export type PathRewriteIr = { readonly kind: 'full' | 'prefix'; readonly value: string };

export interface WeightedClusterIr {
  readonly cluster: string;
  readonly weight: number;
}

/** Times are milliseconds. */
export interface RetryIr {
  /** Tries after the first. */
  readonly retries: number;
  readonly perTryTimeout?: number;
  readonly backOff?: { readonly base: number; readonly max?: number };
  readonly rateLimitedBackOff?: {
    readonly headers: readonly { readonly name: string; readonly format: 'seconds' | 'unix-timestamp' }[];
    readonly max?: number;
  };
  /** Envoy's retry conditions, such as `connect-failure`. */
  readonly on: readonly string[];
  readonly statusCodes: readonly number[];
  /** Only requests with one of these methods; empty for any. */
  readonly methods: readonly string[];
  readonly responseHeaders: readonly HeaderMatchIr[];
  readonly requestHeaders: readonly HeaderMatchIr[];
  readonly hostSelection: readonly HostSelectionIr[];
  readonly hostSelectionMaxAttempts?: number;
}

export type HostSelectionIr =
  | { readonly kind: 'omit-previous-hosts' }
  | { readonly kind: 'omit-hosts-with-tags'; readonly tags: Readonly<Record<string, string>> }
  | { readonly kind: 'omit-previous-priorities'; readonly updateFrequency: number };
