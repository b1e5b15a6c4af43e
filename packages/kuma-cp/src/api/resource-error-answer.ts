import type { ResourceError } from '../resources/resource-error.ts';
import { ApiError, notFound, UnreadableInput } from './api-error.ts';

/** How a refused write is answered. */
export function answerToResourceError(error: ResourceError): ApiError {
  const { code, message, problems } = error;
  switch (code) {
    case 'malformed':
      return new UnreadableInput(message, problems);
    case 'invalid':
      return new ApiError(400, 'Could not process a resource', message, problems);
    case 'mesh-not-found':
      return new ApiError(404, 'Failed to retrieve Mesh', message);
    case 'not-found':
      return notFound('Could not delete a resource', message);
    case 'in-use':
      return new ApiError(400, 'Could not delete a resource', message, problems);
    case 'read-only':
      return new ApiError(405, 'Method not allowed', message);
    case 'conflict':
      return new ApiError(409, 'Conflict', message);
  }
}
