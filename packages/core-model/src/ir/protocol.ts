/** Application protocol of a port, from the tag `kuma.io/protocol`; `tcp` where it says nothing known. */
export type Protocol = 'tcp' | 'tls' | 'http' | 'http2' | 'grpc' | 'kafka';

/** Whether requests, and not only bytes, can be told apart. */
export function isHttp(protocol: Protocol): boolean {
  return protocol === 'http' || protocol === 'http2' || protocol === 'grpc';
}

/** What a protocol may also be taken for, itself first, from the most to the least that is known of it. */
const readings: Readonly<Record<Protocol, readonly Protocol[]>> = {
  grpc: ['grpc', 'http2', 'tcp'],
  http2: ['http2', 'tcp'],
  http: ['http', 'tcp'],
  kafka: ['kafka', 'tcp'],
  tls: ['tls', 'tcp'],
  tcp: ['tcp'],
};

export function parseProtocol(text: string | undefined): Protocol {
  return text !== undefined && Object.hasOwn(readings, text) ? (text as Protocol) : 'tcp';
}

/** What all of them can be taken for: grpc and http2 give http2, http and grpc give tcp, and so does nothing at all. */
export function commonProtocol(protocols: Iterable<Protocol>): Protocol {
  let common: readonly Protocol[] | undefined;
  for (const protocol of protocols) {
    common = common === undefined ? readings[protocol] : common.filter((reading) => readings[protocol].includes(reading));
  }
  return common?.[0] ?? 'tcp';
}
