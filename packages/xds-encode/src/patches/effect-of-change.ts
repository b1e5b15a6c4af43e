import type { DescMessage } from '@bufbuild/protobuf';
import type { Change } from './change.ts';
import type { JsonObject } from './json.ts';
import { withChangedFilters, withChangedHosts } from './listener-effect.ts';
import { hasListenerTags } from './matches.ts';
import { effectOn } from './resource-effect.ts';
import { changedVirtualHosts } from './virtual-host-effect.ts';

/**
 * A cluster, listener or route configuration after one change; the same one where the change is not about it, and undefined
 * where it takes it away.
 */
export function effectOfChange(schema: DescMessage, json: JsonObject, change: Change): JsonObject | undefined {
  const isListener = schema.typeName === 'envoy.config.listener.v3.Listener';
  switch (change.part) {
    case 'cluster':
    case 'listener':
      if (change.operation === 'Add' || !hasListenerTags(json, change.match.tags)) return json;
      return effectOn(schema, json, change);
    case 'networkFilter':
    case 'httpFilter':
      return withChangedFilters(json, change);
    case 'virtualHost':
      return isListener ? withChangedHosts(json, change) : changedVirtualHosts(json, change);
  }
}
