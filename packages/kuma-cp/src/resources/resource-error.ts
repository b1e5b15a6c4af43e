import type { Problem } from '@kuma-mesh/core-model/resources/resource.ts';

/**
 * - `malformed`: the input cannot be read at all, or a value has the wrong type or format
 * - `invalid`: it can be read and breaks rules
 * - `mesh-not-found`: the mesh that it belongs to does not exist
 * - `not-found`: the resource to delete does not exist
 * - `in-use`: the resource to delete is still needed
 * - `read-only`: only the control plane writes this kind
 * - `conflict`: it was changed by someone else since the writer saw it
 */
export type ResourceErrorCode = 'malformed' | 'invalid' | 'mesh-not-found' | 'not-found' | 'in-use' | 'read-only' | 'conflict';

/** A write that was refused; nothing was written. Holds no values of Secrets. */
export class ResourceError extends Error {
  override readonly name = 'ResourceError';
  readonly code: ResourceErrorCode;
  readonly problems: readonly Problem[];

  constructor(code: ResourceErrorCode, message: string, problems: readonly Problem[] = []) {
    super(message);
    this.code = code;
    this.problems = problems;
  }
}

/** All problems in one sentence, for logs and for peers that take text only. */
export function describeError(error: ResourceError): string {
  if (error.problems.length === 0) return error.message;
  return `${error.message}: ${error.problems.map(({ field, reason }) => (field ? `${field}: ${reason}` : reason)).join('; ')}`;
}
