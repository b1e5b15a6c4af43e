import { parseAllDocuments } from 'yaml';
import type { Dataplane } from '../src/generated/types/kuma/dataplane.ts';
import type { ProxyInput } from '../src/proxy/index.ts';
import { parseResource } from '../src/resources/parse.ts';
import type { Resource } from '../src/resources/resource.ts';
import { applyChanges, emptySnapshot, type MeshSnapshot, type TlsReadiness, tlsReadinessKind } from '../src/snapshot/index.ts';

/** First document of a case. */
interface Header {
  /** Name of the Dataplane to look at; `web` when absent. */
  readonly proxy?: string;
  readonly features?: readonly string[];
  readonly admin?: ProxyInput['admin'];
  readonly shadow?: boolean;
  readonly workDir?: string;
  readonly metricsFiles?: ProxyInput['metricsFiles'];
  readonly otelEnvironment?: ProxyInput['otelEnvironment'];
  /** Services that can be called with mutual TLS where it is PERMISSIVE. */
  readonly tlsReady?: readonly string[];
}

export interface Case {
  readonly snapshot: MeshSnapshot;
  readonly input: ProxyInput;
}

/** Resources of a case are such as the control plane would accept: what is refused fails the case. */
export function readCase(yaml: string): Case {
  const [header, ...resources] = parseAllDocuments(yaml).map((document) => document.toJS() as unknown);
  const {
    proxy = 'web',
    features = [],
    admin,
    shadow = false,
    workDir,
    metricsFiles,
    otelEnvironment,
    tlsReady,
  } = header as Header;
  const changes = resources.map((json, i) => ({ after: resource(json, i + 1) }));
  const ready = tlsReady ? [{ after: readiness(tlsReady, changes.length + 1) }] : [];
  const { snapshot } = applyChanges(emptySnapshot('default'), [...changes, ...ready]);
  const dataplane = snapshot.dataplanes.get(proxy) as Resource<Dataplane> | undefined;
  if (dataplane === undefined) throw new Error(`the case has no Dataplane ${JSON.stringify(proxy)}`);
  const announced = { features: new Set(features), readinessPort: 9902, ...(admin && { admin }) };
  const files = {
    ...(workDir !== undefined && { workDir }),
    ...(metricsFiles && { metricsFiles }),
    ...(otelEnvironment && { otelEnvironment }),
  };
  return { snapshot, input: { dataplane, zone: 'default', shadow, origins: true, ...announced, ...files } };
}

function readiness(services: readonly string[], revision: number): Resource<TlsReadiness> {
  const spec = { all: false, services };
  return {
    type: tlsReadinessKind,
    mesh: 'default',
    name: 'default',
    labels: {},
    spec,
    creationTime: time,
    modificationTime: time,
    revision,
  };
}

const time = '2024-01-01T00:00:00Z';

function resource(json: unknown, revision: number): Resource {
  const parsed = parseResource(json, { defaultMesh: 'default' });
  if (!parsed.ok) throw new Error(`resource ${revision} of the case is not valid: ${JSON.stringify(parsed.problems)}`);
  return { ...parsed.draft, creationTime: time, modificationTime: time, revision };
}
