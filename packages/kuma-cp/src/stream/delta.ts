import { DeltaDiscoveryRequest } from '@kuma-mesh/envoy-api/discovery.ts';
import type { Dialect } from './dialect.ts';
import { encodeDeltaResponse } from './wire/responses.ts';

const everything = '*';

/** Incremental xDS: subscriptions and resources come and go one by one, each resource has its own version. */
export const delta: Dialect<DeltaDiscoveryRequest> = {
  form: 'delta',

  decode: (bytes) => DeltaDiscoveryRequest.decode(bytes),

  read(state, request, { first }) {
    const subscribe = request.resourceNamesSubscribe ?? [];
    const unsubscribe = request.resourceNamesUnsubscribe ?? [];
    const versions = request.initialResourceVersions ?? {};
    if (subscribe.includes(everything) || (first && state.listsAll && subscribe.length === 0)) {
      state.wantAll();
      if (Object.keys(versions).length === 0) {
        state.oweAnswer();
      }
    }
    // Both lists in one request: Envoy's unsubscription is the older wish.
    if (unsubscribe.length > 0) {
      state.wantNoMore(unsubscribe.filter((name) => name !== everything));
      if (unsubscribe.includes(everything)) {
        state.wantNoLongerAll();
      }
    }
    if (subscribe.length > 0) {
      state.want(subscribe.filter((name) => name !== everything));
    }
    if (first) {
      state.bringAlong(versions);
    }
  },

  encode: ({ state: { typeUrl }, changed, removed }) => encodeDeltaResponse({ typeUrl, resources: changed, removed }),
};
