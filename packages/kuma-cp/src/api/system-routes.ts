import type { KindDescriptor } from '@kuma-mesh/core-model/resources/kind.ts';
import { kinds, policyKinds } from '@kuma-mesh/core-model/resources/registry.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Access } from '../auth/access.ts';
import type { UrlOf } from './request-url.ts';
import { demand } from './request-user.ts';
import { addPath } from './routes.ts';

/** What the control plane says of itself. */
export interface ControlPlaneInfo {
  readonly version: string;
  readonly instanceId: string;
  readonly clusterId: string;
  readonly hostname: string;
}

export interface SystemRoutesOptions {
  readonly info: ControlPlaneInfo;
  /** The settings in effect, secrets masked. */
  readonly config: () => unknown;
  readonly access: Access;
  readonly urlOf: UrlOf;
}

/** The control plane itself, the kinds it knows, and who is asking. */
export function addSystemRoutes(app: FastifyInstance, { info, config, access, urlOf }: SystemRoutesOptions): void {
  const index = (request: FastifyRequest) => ({
    hostname: info.hostname,
    // Existing clients refuse to talk to any other product.
    product: 'Kuma',
    version: info.version,
    instanceId: info.instanceId,
    clusterId: info.clusterId,
    gui: urlOf(request).toString().replace(/\/?$/, '/gui'),
    // Ours: `PUT …?dryRun=true` checks and writes nothing, with `&newMesh=true` also before there is the mesh. An older control
    // plane would write, or look for the mesh.
    features: ['dry-run', 'dry-run-new-mesh'],
  });
  addPath(app, '/', { GET: index }, { public: true });
  addPath(app, '/_resources', { GET: () => ({ resources: kinds.map(describeKind) }) });
  addPath(app, '/policies', { GET: () => ({ policies: policyKinds.map(describePolicy) }) });
  addPath(app, '/who-am-i', { GET: ({ user }) => ({ name: user.name, groups: user.groups }) });
  addPath(app, '/config', {
    GET: (request) => {
      demand(access, request, 'controlPlaneMetadata');
      return config();
    },
  });
}

function describeKind(kind: KindDescriptor) {
  const { policy } = kind;
  return {
    includeInFederation: kind.includeInFederation,
    name: kind.name,
    path: kind.path,
    pluralDisplayName: kind.pluralDisplayName,
    readOnly: kind.readOnly,
    scope: kind.scope,
    shortName: kind.shortName,
    singularDisplayName: kind.singularDisplayName,
    ...(policy && {
      policy: {
        hasFromTargetRef: policy.hasFrom,
        hasRulesTargetRef: policy.hasRules,
        hasToTargetRef: policy.hasTo,
        isFromAsRules: policy.fromAsRules,
        isTargetRef: policy.targetRef,
      },
    }),
  };
}

/** The older form of the same. */
function describePolicy(kind: KindDescriptor) {
  return {
    name: kind.name,
    readOnly: kind.readOnly,
    path: kind.path,
    singularDisplayName: kind.singularDisplayName,
    pluralDisplayName: kind.pluralDisplayName,
    isExperimental: false,
    isTargetRefBased: kind.policy?.targetRef ?? false,
    isInbound: kind.policy?.hasFrom ?? false,
    isOutbound: kind.policy?.hasTo ?? false,
  };
}
