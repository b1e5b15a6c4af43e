import { type EncodedProxy, type EncodedResource, moreTypeUrls, typeUrls } from '@kuma-mesh/xds-encode/encoded.ts';
import { permissionsOfBoth, permissionsWithDraining } from '@kuma-mesh/xds-encode/permission/connection-permissions.ts';
import type { Due, TypeState } from './type-state.ts';

/** One response to send. */
export interface Step {
  readonly state: TypeState;
  readonly changed: readonly EncodedResource[];
  readonly removed: readonly string[];
  readonly awaited: boolean;
}

/** What is known of the peer beside the state of each type. */
interface PeerFacts {
  /** It may have others than the routes of now need, and does not listen yet. */
  readonly willAskForClusters: boolean;
  /** Keys of permissions that others took the place of, which its newest connections may still need. */
  readonly lingeringKeys: readonly EncodedResource[];
}

type States = ReadonlyMap<string, TypeState>;

type Resources = ReadonlyMap<string, EncodedResource>;

const none: Resources = new Map();

/**
 * The next response of a stream, make before break (see "Eventual consistency considerations" in Envoy's description of
 * the protocol): clusters, their endpoints, then what sends traffic to them, and last of all what is no longer used.
 *
 *   secrets ─ clusters ─ endpoints ─┬─ listeners ─ routes ─┬─ gone clusters ─ gone endpoints, routes, secrets
 *                                   │                      │
 *           waits until the peer has taken new clusters,   waits until it has taken listeners and routes
 *           and endpoints and secrets that they wait for
 *
 * Routes that the peer asked for and does not have go before listeners.
 * What a listener that is gone or replaced uses stays while it drains: for as long as the peer asks for its routes, or for
 * its permission of connections.
 * A listener that is gone goes along with the changes of listeners: a new one may need its port.
 * Clusters, endpoints and secrets that merely change hold nobody up: until it has the new, Envoy goes on with the old.
 * Before listeners, which may begin to log what they tell, and waiting for nothing else: runtime keys of old and new
 * permissions ─ permissions ─ keys of the new ones alone, a moment later.
 * What the peer refused it keeps as it was, with all that this may use: nothing of that goes while the refusal stands.
 */
export function nextStep(states: States, config: EncodedProxy, peer: PeerFacts): Step | undefined {
  const due = (state: TypeState): Due => state.due(resourcesFor(state, states, config, peer.lingeringKeys));
  return nextInOrder(states, config, due, peer) ?? updateOther(states, due);
}

/** @returns nothing where what comes next waits for the peer, too */
function nextInOrder(
  states: States,
  config: EncodedProxy,
  due: (state: TypeState) => Due,
  { willAskForClusters }: PeerFacts,
): Step | undefined {
  const secrets = states.get(typeUrls.secret);
  const clusters = states.get(typeUrls.cluster);
  const endpoints = states.get(typeUrls.endpoints);
  const listeners = states.get(typeUrls.listener);
  const routes = states.get(typeUrls.route);

  const first = update(secrets, due) ?? update(clusters, due) ?? update(endpoints, due) ?? updateOfPermissions(states, due);
  if (first) {
    return first;
  }
  const lacks = (state: TypeState | undefined): boolean | undefined =>
    state?.inFlight && state.lacks(config.get(state.typeUrl) ?? none);
  const lacksSome = lacks(clusters) || lacks(endpoints) || lacks(secrets);
  if (willAskForClusters || lacksSome || !hasWhatItAwaits(endpoints, due) || !hasWhatItAwaits(secrets, due)) {
    return undefined;
  }
  const second = updateOfAwaited(routes, due) ?? updateAndRemoval(listeners, due) ?? update(routes, due);
  if (second) {
    return second;
  }
  const drains = routes?.usesGone(config.get(routes.typeUrl) ?? none);
  if (drains || !isSettled(listeners, due) || !isSettled(routes, due)) {
    return undefined;
  }
  return removalInOrder({ secrets, clusters, endpoints, listeners, routes }, due);
}

type Ordered = Readonly<Record<'secrets' | 'clusters' | 'endpoints' | 'listeners' | 'routes', TypeState | undefined>>;

function removalInOrder(
  { secrets, clusters, endpoints, listeners, routes }: Ordered,
  due: (state: TypeState) => Due,
): Step | undefined {
  const unusedBy = (users: readonly (TypeState | undefined)[], state: TypeState | undefined): Step | undefined =>
    users.some((user) => user?.keepsRefused) ? undefined : removal(state, due);
  const ofClusters = unusedBy([listeners, routes], clusters);
  if (ofClusters || clusters?.inFlight) {
    return ofClusters;
  }
  return (
    unusedBy([listeners, routes, clusters], endpoints) ??
    unusedBy([listeners], routes) ??
    unusedBy([listeners, routes, clusters], secrets)
  );
}

/** The peer has the rules of permissions that it is to have. */
export function hasPermissions(states: States, config: EncodedProxy): boolean {
  return isSettled(states.get(moreTypeUrls.extension), (state) => state.due(config.get(state.typeUrl) ?? none));
}

/** While the peer may have rules of before or of now, the keys of both are on: who may connect by either is not turned away. */
function resourcesFor(state: TypeState, states: States, config: EncodedProxy, lingering: readonly EncodedResource[]): Resources {
  const resources = config.get(state.typeUrl) ?? none;
  if (state.typeUrl !== moreTypeUrls.runtime) return resources;
  const before = hasPermissions(states, config) ? lingering : state.whole([], []);
  return withKeysOf(before, withKeysOfDraining(resources, states, config));
}

/** Connections of a listener that is gone, or has no such permission any more, need the keys by which they came in. */
function withKeysOfDraining(resources: Resources, states: States, config: EncodedProxy): Resources {
  const permissions = states.get(moreTypeUrls.extension);
  const now = config.get(moreTypeUrls.extension) ?? none;
  if (!permissions?.usesGone(now)) return resources;
  const draining = permissions.whole([], []).filter(({ name }) => permissions.isWanted(name) && !now.has(name));
  return new Map([...resources].map(([name, runtime]) => [name, permissionsWithDraining(runtime, draining)]));
}

function withKeysOf(more: readonly EncodedResource[], resources: Resources): Resources {
  const all = new Map(resources);
  for (const keys of more) {
    const known = all.get(keys.name);
    if (known) all.set(keys.name, permissionsOfBoth(keys)(known));
  }
  return all;
}

function update(state: TypeState | undefined, dueNow: (state: TypeState) => Due): Step | undefined {
  if (!state) {
    return undefined;
  }
  const { changed, absent, answer, awaited } = dueNow(state);
  return changed.length > 0 || absent.length > 0 || answer ? { state, changed, removed: absent, awaited } : undefined;
}

function updateOfAwaited(state: TypeState | undefined, dueNow: (state: TypeState) => Due): Step | undefined {
  return state && dueNow(state).awaited ? update(state, dueNow) : undefined;
}

function updateAndRemoval(state: TypeState | undefined, dueNow: (state: TypeState) => Due): Step | undefined {
  if (!state) {
    return undefined;
  }
  const { changed, absent, answer, awaited, removed } = dueNow(state);
  return changed.length > 0 || absent.length > 0 || removed.length > 0 || answer
    ? { state, changed, removed: [...removed, ...absent], awaited }
    : undefined;
}

function removal(state: TypeState | undefined, dueNow: (state: TypeState) => Due): Step | undefined {
  const removed = state ? dueNow(state).removed : [];
  return state && removed.length > 0 ? { state, changed: [], removed, awaited: false } : undefined;
}

function isSettled(state: TypeState | undefined, dueNow: (state: TypeState) => Due): boolean {
  return !state || !(state.inFlight || dueNow(state).changed.length > 0);
}

function hasWhatItAwaits(state: TypeState | undefined, dueNow: (state: TypeState) => Due): boolean {
  return !state || !(state.awaitedInFlight || dueNow(state).awaited);
}

function updateOfPermissions(states: States, dueNow: (state: TypeState) => Due): Step | undefined {
  const keys = states.get(moreTypeUrls.runtime);
  return update(keys, dueNow) ?? (isSettled(keys, dueNow) ? update(states.get(moreTypeUrls.extension), dueNow) : undefined);
}

const ordered: ReadonlySet<string> = new Set([...Object.values(typeUrls), ...Object.values(moreTypeUrls)]);

/** Types that we do not serve are answered all the same: a peer must not wait for what will never come. */
function updateOther(states: States, dueNow: (state: TypeState) => Due): Step | undefined {
  for (const state of states.values()) {
    const step = ordered.has(state.typeUrl) ? undefined : update(state, dueNow);
    if (step) {
      return step;
    }
  }
  return undefined;
}
