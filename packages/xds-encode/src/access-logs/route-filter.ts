import type { AccessLogIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { AccessLogFilter } from '@kuma-mesh/envoy-api/generated/envoy/config/accesslog/v3/accesslog.ts';
import { ExpressionFilter } from '@kuma-mesh/envoy-api/generated/envoy/extensions/access_loggers/filters/cel/v3/cel.ts';
import { extension } from '../envoy/pack.ts';

/** Only requests on some routes, or on the others. */
export function routeFilter({ kind, names }: NonNullable<AccessLogIr['routes']>): AccessLogFilter {
  const isOneOf = `xds.route_name in ${JSON.stringify(names)}`;
  const expression = kind === 'only' ? isOneOf : `!(${isOneOf})`;
  return {
    filterSpecifier: {
      $case: 'extensionFilter',
      value: extension('envoy.access_loggers.extension_filters.cel', ExpressionFilter, { expression }),
    },
  };
}
