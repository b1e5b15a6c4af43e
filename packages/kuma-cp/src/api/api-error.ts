import { describeKey, type Problem, type ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';

/** An answer other than success. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly title: string;
  readonly problems: readonly Problem[];

  constructor(status: number, title: string, detail: string, problems: readonly Problem[] = []) {
    super(detail);
    this.status = status;
    this.title = title;
    this.problems = problems;
  }
}

/** Input of which a part cannot be read at all. Existing clients expect no `invalid_parameters` with it. */
export class UnreadableInput extends ApiError {
  readonly all: readonly Problem[];

  constructor(detail: string, all: readonly Problem[]) {
    super(400, 'Bad Request', detail);
    this.all = all;
  }
}

/** What is refused before it is looked at as a resource: told as plain text. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly status: 404 | 405 | 406 | 415;

  constructor(status: 404 | 405 | 406 | 415, message: string) {
    super(message);
    this.status = status;
  }
}

/** An {@link ApiError} as JSON. `details` and `causes` repeat the others for clients older than them. */
export interface ErrorBody {
  readonly type: '/std-errors';
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly invalid_parameters?: readonly { readonly field: string; readonly reason: string }[];
  /** All that is wrong, where `invalid_parameters` must be absent. */
  readonly problems?: readonly { readonly field: string; readonly reason: string }[];
  readonly details: string;
  readonly causes?: readonly { readonly field: string; readonly message: string }[];
}

export function errorBody(error: ApiError): ErrorBody {
  const { problems } = error;
  return {
    type: '/std-errors',
    status: error.status,
    title: error.title,
    detail: error.message,
    ...(problems.length > 0 && { invalid_parameters: problems.map(({ field, reason }) => ({ field, reason })) }),
    ...(error instanceof UnreadableInput && { problems: error.all.map(({ field, reason }) => ({ field, reason })) }),
    details: error.message,
    ...(problems.length > 0 && { causes: problems.map(({ field, reason }) => ({ field, message: reason })) }),
  };
}

/** @param what says what is not there: a name may be misspelt, or meant in another mesh */
export function notFound(title: string, what: string): ApiError {
  return new ApiError(404, title, `Not found: ${what}`);
}

export function resourceNotFound(key: ResourceKey): ApiError {
  return notFound('Could not retrieve a resource', `${describeKey(key)} does not exist`);
}

/** Whoever wrote many resources wants to know which mesh is meant. */
export function meshNotFound(mesh: string): ApiError {
  return notFound('Failed to retrieve Mesh', `there is no mesh "${mesh}"`);
}

export function badRequest(detail: string, problems: readonly Problem[] = []): ApiError {
  return new ApiError(400, 'Bad Request', detail, problems);
}

export function accessDenied(reason: string): ApiError {
  return new ApiError(403, 'Access Denied', reason);
}
