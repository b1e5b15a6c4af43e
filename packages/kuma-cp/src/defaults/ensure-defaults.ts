import type { ResourceWriter } from '../resources/resource-writer.ts';
import type { ResourceStore } from '../store/store.ts';
import { type ControlPlaneSecretsOptions, ensureControlPlaneSecrets } from './control-plane-secrets.ts';
import { ensureFirstResources, type FirstResources } from './first-resources.ts';

export interface DefaultsOptions extends FirstResources, ControlPlaneSecretsOptions {}

/** What is there after a start. Starting again changes nothing, and several instances may start at once. */
export async function ensureDefaults(store: ResourceStore, writer: ResourceWriter, options: DefaultsOptions): Promise<void> {
  await Promise.all([ensureControlPlaneSecrets(store, options), ensureFirstResources(store, writer, options)]);
}
