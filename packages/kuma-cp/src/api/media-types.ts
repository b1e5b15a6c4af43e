import type { FastifyRequest } from 'fastify';
import { ProtocolError } from './api-error.ts';

/** @throws ProtocolError 415 or 406 when the request brings or wants something else than JSON */
export function checkMediaTypes({ method, headers, routeOptions }: FastifyRequest): void {
  const { anyType, unsupported } = routeOptions.config;
  if (unsupported) return;
  if ((method === 'PUT' || method === 'POST') && !isJson(headers['content-type'])) {
    const got = headers['content-type'];
    throw new ProtocolError(415, `Content-Type must be application/json${got ? `, not ${got}` : ''}`);
  }
  if (!anyType && !acceptsJson(headers.accept)) {
    throw new ProtocolError(406, `answers are application/json, which "Accept: ${headers.accept}" leaves out`);
  }
}

function isJson(contentType: string | undefined): boolean {
  return mediaType(contentType ?? '') === 'application/json';
}

function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return true;
  return accept.split(',').some((range) => ['application/json', 'application/*', '*/*'].includes(mediaType(range)));
}

function mediaType(value: string): string {
  return value.split(';', 1)[0]!.trim().toLowerCase();
}
