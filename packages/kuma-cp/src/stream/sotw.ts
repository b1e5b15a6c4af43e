import { DiscoveryRequest } from '@kuma-mesh/envoy-api/discovery.ts';
import { noEndpoints } from '@kuma-mesh/xds-encode/endpoints/endpoints.ts';
import type { Dialect } from './dialect.ts';
import { encodeSotwResponse } from './wire/responses.ts';

/**
 * State of the world: a request states the whole subscription; a response of clusters or listeners states all of them, a
 * response of other types any of those subscribed to.
 */
export const sotw: Dialect<DiscoveryRequest> = {
  form: 'sotw',

  decode: (bytes) => DiscoveryRequest.decode(bytes),

  read(state, request, { first, verdict }) {
    const names = new Set(request.resourceNames ?? []);
    if (first) {
      if (state.listsAll && names.size === 0) {
        state.wantAll();
      } else {
        state.want(names);
      }
      state.oweAnswer();
      return;
    }
    if (state.inFlight) {
      // Written before what is under way arrived; the verdict on that will state the same names again.
      return;
    }
    const added = [...names].filter((name) => !state.wanted.has(name));
    const dropped = [...state.wanted].filter((name) => !names.has(name));
    state.wantNoMore(dropped);
    if (verdict) {
      state.want(added);
    } else if (added.length > 0 || dropped.length === 0) {
      // Asked without need: Envoy has replaced something that uses these and waits for them, the known ones included.
      state.want(names);
    }
    if (added.length > 0 || (!verdict && dropped.length === 0)) {
      state.oweAnswer();
    }
  },

  encode({ state, changed, removed }) {
    const resources = state.listsAll ? state.whole(changed, removed) : [...changed, ...removed.map(noEndpoints)];
    return encodeSotwResponse({ typeUrl: state.typeUrl, resources });
  },
};
