import type { DataplaneInsight, DataplaneInsight_Subscription } from '@kuma-mesh/core-model/generated/types/kuma/insights.ts';

/** How many streams of a proxy are remembered. */
const subscriptionsKept = 2;

export function withSubscription(insight: DataplaneInsight, subscription: DataplaneInsight_Subscription): DataplaneInsight {
  const subscriptions = [...(insight.subscriptions ?? []), subscription].slice(-subscriptionsKept);
  return { ...insight, subscriptions };
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
