import type { Resource, ResourceDraft } from '@kuma-mesh/core-model/resources/resource.ts';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { VerifyDataplaneToken } from '../../auth/dataplane-token.ts';
import { aloneCluster, type Cluster } from '../../cluster/cluster.ts';
import { followStore } from '../../feed/follow-store.ts';
import { createCaProvisioner } from '../../identity/builtin-ca.ts';
import { Identity } from '../../identity/identity.ts';
import { SigningPool } from '../../identity/signing-pool.ts';
import { Insights } from '../../insights/insights.ts';
import { DataplaneLifecycle, type DataplaneLifecycleOptions } from '../../lifecycle/dataplane-lifecycle.ts';
import type { SeenToAfter } from '../../pipeline/permissions-taken-back.ts';
import { Pipeline } from '../../pipeline/pipeline.ts';
import { pipelineMetrics } from '../../pipeline/pipeline-metrics.ts';
import { createResourceWriter, type ResourceWriter } from '../../resources/resource-writer.ts';
import { createMemoryStore } from '../../store/memory-store.ts';
import type { ResourceStore } from '../../store/store.ts';
import type { ProxySessions } from '../../stream/session.ts';
import { createProxySessions } from '../proxy-sessions.ts';

/** Everything between the store and the streams, of the real parts. */
export interface TestControlPlane {
  readonly store: ResourceStore;
  readonly writer: ResourceWriter;
  readonly sessions: ProxySessions;
  readonly pipeline: Pipeline;
  readonly identity: Identity;
  readonly insights: Insights;
  readonly lifecycle: DataplaneLifecycle;
  /** Writes a resource as the API would; `type`, `mesh` and `name` may stand in one object with the rest. */
  put(draft: Omit<ResourceDraft, 'labels'> & { readonly labels?: Record<string, string> }): Promise<void>;
  dataplanes(mesh: string): Promise<readonly Resource[]>;
  /** Waits for the change of the store after which the condition holds, unless it holds already. */
  until(holds: () => Promise<boolean>): Promise<void>;
  /** Stops it as a crash would: nothing is written any more; the store stays open. */
  crash(): void;
  close(): Promise<void>;
}

export interface TestControlPlaneOptions {
  readonly store?: ResourceStore;
  readonly deregistrationDelay?: number;
  readonly verifyToken?: VerifyDataplaneToken;
  readonly instanceId?: string;
  readonly cluster?: Cluster;
  readonly aliveElsewhere?: DataplaneLifecycleOptions['aliveElsewhere'];
  readonly insightsFlushInterval?: number;
  readonly takenBackSeenToAfter?: SeenToAfter;
}

/** Shared by all control planes of a test file: starting a thread costs more than most tests. */
export const pool = new SigningPool();

export async function startControlPlane(options: TestControlPlaneOptions = {}): Promise<TestControlPlane> {
  const { store = createMemoryStore(), deregistrationDelay = 50, instanceId = 'cp-1' } = options;
  const log = pino({ level: 'silent' });
  const zone = 'default';
  const writer = createResourceWriter({
    store,
    identity: { zone, mode: 'zone' },
    ca: createCaProvisioner(store, pool),
    serviceProbes: true,
  });
  const cluster = options.cluster ?? aloneCluster(instanceId);
  const identity = new Identity({ pool, insights: store.insights, shared: cluster.shared, log });
  const { insightsFlushInterval } = options;
  const flush = insightsFlushInterval === undefined ? {} : { flushInterval: insightsFlushInterval };
  const insights = new Insights({ store: store.insights, resources: store, cluster, log, ...flush });
  const lifecycle = new DataplaneLifecycle({
    store,
    writer,
    cluster,
    aliveElsewhere: options.aliveElsewhere,
    verifyToken: options.verifyToken ?? (async () => ({ ok: true })),
    zone,
    deregistrationDelay,
    log,
  });
  lifecycle.onGone((proxy, everywhere) => {
    identity.forget(proxy);
    if (everywhere) void insights.gone(proxy);
  });
  lifecycle.onMoved((proxy) => insights.moved(proxy));
  const { takenBackSeenToAfter } = options;
  const pipeline = new Pipeline({
    secrets: identity,
    metrics: pipelineMetrics(new Registry()),
    log,
    ...(takenBackSeenToAfter && { takenBackSeenToAfter }),
  });
  const unfollow = await followStore(store, [identity, insights, pipeline, lifecycle]);
  const stop = () => {
    unfollow();
    lifecycle.close();
    pipeline.close();
    identity.close();
  };
  return {
    store,
    writer,
    pipeline,
    identity,
    insights,
    lifecycle,
    sessions: createProxySessions({ lifecycle, pipeline, insights, secrets: identity, zone }),
    put: async (draft) => void (await writer.put({ labels: {}, ...draft })),
    dataplanes: (mesh) => store.list({ type: 'Dataplane', mesh }),
    async until(holds) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const look = () => void holds().then((is) => is && resolve(), reject);
      const end = store.subscribe(look);
      look();
      await promise.finally(end);
    },
    crash: stop,
    async close() {
      stop();
      await insights.close();
    },
  };
}
