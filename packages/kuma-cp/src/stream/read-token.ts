import type { Metadata } from '@grpc/grpc-js';

/** Without scheme as our bootstrap writes it; other clients put `Bearer` before it. */
export function readToken(metadata: Metadata): string | undefined {
  const [value] = metadata.get('authorization');
  return typeof value === 'string' ? value.replace(/^Bearer\s+/i, '') || undefined : undefined;
}
