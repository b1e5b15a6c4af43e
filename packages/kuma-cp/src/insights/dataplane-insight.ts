import type {
  DataplaneInsight_Subscription_ServiceStatus as Counts,
  DataplaneInsight,
  DataplaneInsight_Subscription,
  DataplaneInsight_Subscription_Status as Status,
} from '@kuma-mesh/core-model/generated/types/kuma/insights.ts';
import { typeUrls } from '@kuma-mesh/xds-encode/encoded.ts';

export type Verdict = 'responsesSent' | 'responsesAcknowledged' | 'responsesRejected';

/** How many streams of a proxy are remembered. */
const subscriptionsKept = 2;

const none: Counts = { responsesSent: '0', responsesAcknowledged: '0', responsesRejected: '0' };

/** Where a type of resource is counted beside the total. Secrets have no place of their own. */
const counters: Readonly<Record<string, 'cds' | 'eds' | 'lds' | 'rds'>> = {
  [typeUrls.cluster]: 'cds',
  [typeUrls.endpoints]: 'eds',
  [typeUrls.listener]: 'lds',
  [typeUrls.route]: 'rds',
};

export function withSubscription(insight: DataplaneInsight, subscription: DataplaneInsight_Subscription): DataplaneInsight {
  const subscriptions = [...(insight.subscriptions ?? []), subscription].slice(-subscriptionsKept);
  return { ...insight, subscriptions };
}

export function newStatus(): Status {
  return { total: none, cds: none, eds: none, lds: none, rds: none };
}

export function counted(status: Status, typeUrl: string, verdict: Verdict, time: string): Status {
  const counter = counters[typeUrl];
  return {
    ...status,
    lastUpdateTime: time,
    total: oneMore(status.total, verdict),
    ...(counter && { [counter]: oneMore(status[counter], verdict) }),
  };
}

/** 64-bit numbers are text in protobuf's JSON. */
function oneMore(counts: Counts = none, verdict: Verdict): Counts {
  return { ...counts, [verdict]: String(Number(counts[verdict]) + 1) };
}

/** Whether a stream is open. */
export function isConnected(insight: DataplaneInsight): boolean {
  return (
    insight.subscriptions?.at(-1)?.disconnectTime === undefined &&
    insight.subscriptions !== undefined &&
    insight.subscriptions.length > 0
  );
}

/** The insight with every open stream ended now; the same object when there is none. */
export function disconnected(insight: DataplaneInsight, time: string): DataplaneInsight {
  const { subscriptions = [] } = insight;
  if (subscriptions.every(({ disconnectTime }) => disconnectTime !== undefined)) return insight;
  return { ...insight, subscriptions: subscriptions.map((subscription) => ({ disconnectTime: time, ...subscription })) };
}
