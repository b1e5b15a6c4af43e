import type { ListenerIr } from '@kuma-mesh/core-model/ir/index.ts';
import { Listener } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener.ts';
import { typeUrls } from '../encoded.ts';
import { encodedResource, oncePerObject } from '../resource.ts';
import { adminListener } from './admin.ts';
import { collectorPipeListener } from './collector-pipe.ts';
import { inboundListener } from './inbound.ts';
import { metricsListener } from './metrics.ts';
import { outboundListener } from './outbound.ts';
import { passthroughListener } from './passthrough.ts';
import { readinessListener } from './readiness.ts';
import { sidecarConfigListener } from './sidecar-config.ts';

export const encodeListener = oncePerObject((listener: ListenerIr) =>
  encodedResource(typeUrls.listener, listener.name, Listener.encode(listenerMessage(listener)).finish()),
);

function listenerMessage(listener: ListenerIr): Listener {
  switch (listener.kind) {
    case 'inbound':
      return inboundListener(listener);
    case 'outbound':
      return outboundListener(listener);
    case 'admin':
      return adminListener(listener);
    case 'readiness':
      return readinessListener(listener);
    case 'metrics':
      return metricsListener(listener);
    case 'sidecar-config':
      return sidecarConfigListener(listener);
    case 'collector-pipe':
      return collectorPipeListener(listener);
    case 'passthrough':
      return passthroughListener(listener);
  }
}
