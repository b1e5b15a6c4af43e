import { kindByName } from '@kuma-mesh/core-model/resources/registry.ts';
import { CliError } from '../cli-error.ts';
import type { ApiClient } from './api-client.ts';
import { kindForType, type ReachableKind } from './kinds.ts';
import { noKind } from './no-kind.ts';

/** Finds kinds by type: this kumactl's own, and those of a newer control plane, which is asked for as long as it can be reached. */
export class KindFinder {
  readonly #client: ApiClient;
  #unreachable: CliError | undefined;

  constructor(client: ApiClient) {
    this.#client = client;
  }

  /** Whether the control plane was asked and could not be. */
  get unreachable(): boolean {
    return this.#unreachable !== undefined;
  }

  /** @returns what is wrong with the type where there is no such kind */
  async find(type: unknown): Promise<ReachableKind | string> {
    if (type === undefined) return 'is required';
    if (typeof type !== 'string') return noKind(String(type));
    try {
      if (this.#unreachable && !kindByName(type)) throw this.#unreachable;
      return (await kindForType(type, this.#client)) ?? noKind(type);
    } catch (error) {
      if (!(error instanceof CliError) || error.code !== 'CONTROL_PLANE_UNREACHABLE') throw error;
      this.#unreachable = error;
      return `${noKind(type)} (unless the control plane has it: ${error.message})`;
    }
  }
}
