/** Application protocol of a port, from the tag `kuma.io/protocol`; `tcp` where it says nothing known. */
export type Protocol = 'tcp' | 'tls' | 'http' | 'http2' | 'grpc' | 'kafka';

/** Whether requests, and not only bytes, can be told apart. */
export function isHttp(protocol: Protocol): boolean {
  return protocol === 'http' || protocol === 'http2' || protocol === 'grpc';
}
