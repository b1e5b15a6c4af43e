import type { ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';

/**
 * - `exists`, `not-found`, `not-empty`, `conflict`: what a write expected is not so; nothing was written
 * - `locked`: another process has the store
 * - `newer-schema`: a newer kuma-cp wrote the store
 * - `full`: no room left; nothing was written
 * - `unavailable`: the store cannot be opened, read or written
 */
export type StoreErrorCode =
  | 'exists'
  | 'not-found'
  | 'not-empty'
  | 'conflict'
  | 'locked'
  | 'newer-schema'
  | 'full'
  | 'unavailable';

export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;
  /** What the person in front of it can do. */
  readonly hint: string | undefined;
  /** The resource that the failed operation was about. */
  readonly key: ResourceKey | undefined;
  /** It may be over in a moment without anybody doing anything. */
  readonly passing: boolean;

  constructor(
    code: StoreErrorCode,
    message: string,
    more: { readonly hint?: string; readonly key?: ResourceKey; readonly passing?: boolean; readonly cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? {} : { cause: more.cause });
    this.code = code;
    this.hint = more.hint;
    this.key = more.key;
    this.passing = more.passing ?? false;
  }
}

export function isStoreError(error: unknown, code: StoreErrorCode): error is StoreError {
  return error instanceof StoreError && error.code === code;
}
