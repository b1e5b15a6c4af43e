import type { ResourceDraft } from '@kuma-mesh/core-model/resources/resource.ts';
import type { ResourceWriter } from '../resources/resource-writer.ts';
import type { ResourceStore } from '../store/store.ts';

export interface FirstResources {
  /** Name of the control plane's zone; empty in a global control plane. */
  readonly zone: string;
  /** Setting `defaults.skipMeshCreation`. */
  readonly skipMesh: boolean;
  /** Setting `defaults.skipHostnameGenerators`. */
  readonly skipHostnameGenerators: boolean;
}

/** Creates what a control plane starts with, unless it is there: a mesh, its zone, host names for services. */
export async function ensureFirstResources(store: ResourceStore, writer: ResourceWriter, options: FirstResources): Promise<void> {
  const drafts = [
    ...(options.skipMesh ? [] : [defaultMesh]),
    ...(options.zone === '' ? [] : [zone(options.zone)]),
    ...(options.skipHostnameGenerators ? [] : hostnameGenerators),
  ];
  await Promise.all(
    drafts.map(async (draft) => {
      // Between the look and the write another instance may create the same: the writer then finds nothing to change.
      if (!(await store.get(draft))) await writer.put(draft);
    }),
  );
}

const defaultMesh: ResourceDraft = { type: 'Mesh', mesh: '', name: 'default', labels: {}, spec: {} };

function zone(name: string): ResourceDraft {
  return { type: 'Zone', mesh: '', name, labels: {}, spec: { enabled: true } };
}

const hostnameGenerators: readonly ResourceDraft[] = [
  generator('local-universal-mesh-service', {
    template: '{{ .DisplayName }}.svc.mesh.local',
    selector: { meshService: { matchLabels: { 'kuma.io/origin': 'zone', 'kuma.io/env': 'universal' } } },
  }),
  generator('local-mesh-external-service', {
    template: '{{ .DisplayName }}.extsvc.mesh.local',
    selector: { meshExternalService: { matchLabels: { 'kuma.io/origin': 'zone' } } },
  }),
];

function generator(name: string, spec: object): ResourceDraft {
  return { type: 'HostnameGenerator', mesh: '', name, labels: {}, spec };
}
