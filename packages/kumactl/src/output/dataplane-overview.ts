import { age } from './age.ts';
import { type ApiResource, tagSummary } from './resource-columns.ts';

/** One item of `/meshes/{mesh}/dataplanes/_overview`. */
export interface Overview {
  readonly mesh: string;
  readonly name: string;
  readonly dataplane: ApiResource;
  readonly dataplaneInsight?: {
    readonly subscriptions?: readonly Subscription[];
    readonly mTLS?: {
      readonly certificateExpirationTime?: string;
      readonly lastCertificateRegeneration?: string;
      readonly certificateRegenerations?: number;
      readonly issuedBackend?: string;
      readonly supportedBackends?: readonly string[];
    };
    readonly rejections?: readonly { readonly name: string; readonly message: string; readonly origins?: readonly string[] }[];
  };
}

interface Subscription {
  readonly connectTime?: string;
  readonly disconnectTime?: string;
  readonly status?: {
    readonly lastUpdateTime?: string;
    readonly total?: { readonly responsesSent?: string; readonly responsesRejected?: string };
  };
  readonly version?: { readonly kumaDp?: { readonly version?: string }; readonly envoy?: { readonly version?: string } };
}

interface InboundState {
  readonly networking?: {
    readonly inbound?: readonly { readonly state?: string; readonly health?: { readonly ready?: boolean } }[];
  };
}

export const overviewHeaders = [
  'MESH',
  'NAME',
  'TAGS',
  'STATUS',
  'LAST CONNECTED AGO',
  'LAST UPDATED AGO',
  'TOTAL UPDATES',
  'TOTAL ERRORS',
  'CERT REGENERATED AGO',
  'CERT EXPIRATION',
  'CERT REGENERATIONS',
  'CERT BACKEND',
  'SUPPORTED CERT BACKENDS',
  'KUMA-DP VERSION',
  'ENVOY VERSION',
] as const;

export function overviewRow(overview: Overview): readonly string[] {
  const subscriptions = overview.dataplaneInsight?.subscriptions ?? [];
  const last = subscriptions.at(-1);
  const mtls = overview.dataplaneInsight?.mTLS;
  const sum = (pick: (subscription: Subscription) => string | undefined) =>
    String(subscriptions.reduce((total, each) => total + Number(pick(each) ?? 0), 0));
  return [
    overview.mesh,
    overview.name,
    tagSummary(overview.dataplane),
    statusOf(overview),
    age(last?.connectTime),
    age(last?.status?.lastUpdateTime),
    sum((each) => each.status?.total?.responsesSent),
    sum((each) => each.status?.total?.responsesRejected),
    age(mtls?.lastCertificateRegeneration),
    mtls?.certificateExpirationTime ?? '',
    String(mtls?.certificateRegenerations ?? 0),
    mtls?.issuedBackend ?? '',
    mtls?.supportedBackends?.join(',') ?? '',
    last?.version?.kumaDp?.version ?? '',
    last?.version?.envoy?.version ?? '',
  ];
}

/** Online with a live stream; partially degraded when some of its inbounds take no traffic, offline when none does. */
export function statusOf(overview: Overview): string {
  const connected = overview.dataplaneInsight?.subscriptions?.some((each) => each.connectTime && !each.disconnectTime) ?? false;
  const inbounds = (overview.dataplane as InboundState).networking?.inbound?.filter((each) => each.state !== 'Ignored') ?? [];
  const down = inbounds.filter((each) => each.state === 'NotReady' || each.health?.ready === false).length;
  if (!connected || (down > 0 && down === inbounds.length)) return 'Offline';
  return down > 0 ? 'Partially degraded' : 'Online';
}
