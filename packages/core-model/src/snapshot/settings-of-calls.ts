import { isHttp } from '../ir/protocol.ts';
import type { Path } from '../resources/field-path.ts';
import { hashLists } from './idle-settings.ts';
import type { ServiceView } from './service-view.ts';

interface SettingsOfCalls {
  /** Kind of the routes that say where the calls go. */
  readonly route: string;
  readonly what: string;
  /** Settings that proxies have before they choose where a call goes, by kind of policy. */
  readonly settings: Readonly<Record<string, readonly Path[]>>;
}

const ofRequests: SettingsOfCalls = {
  route: 'MeshHTTPRoute',
  what: 'requests',
  settings: {
    MeshTimeout: ['requestTimeout', 'streamIdleTimeout'].map((field) => ['http', field]),
    MeshRetry: [['http'], ['grpc']],
    MeshLoadBalancingStrategy: hashLists,
    MeshAccessLog: [['backends']],
  },
};

const ofConnections: SettingsOfCalls = {
  route: 'MeshTCPRoute',
  what: 'connections',
  settings: {
    MeshTimeout: [['idleTimeout']],
    MeshRetry: [['tcp']],
    MeshLoadBalancingStrategy: hashLists,
    MeshAccessLog: [['backends']],
  },
};

/** What is said of calls of a service before it is known where they go; requests where it speaks HTTP. */
export function settingsOfCalls(service: ServiceView | undefined): SettingsOfCalls {
  return isHttp(service?.protocol ?? 'tcp') ? ofRequests : ofConnections;
}
