import type { MeshHTTPRoute_Rule } from '../../generated/types/kuma/mesh_http_route.ts';

export type {
  MeshHTTPRoute_Filter,
  MeshHTTPRoute_Match,
  MeshHTTPRoute_RuleConf,
} from '../../generated/types/kuma/mesh_http_route.ts';

export type RouteRule = MeshHTTPRoute_Rule;

/** Configuration of an item of `to`: what `default` is to other policies. */
export interface Routes {
  readonly rules?: readonly RouteRule[];
}
